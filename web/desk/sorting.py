"""Merging, splitting, moving and linking: one page to choose on, and its posts."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.numbers import pretty
from tickets.services import merging, proofs, sorting
from tickets.services.refused import Refused
from web.desk import words
from web.desk.numbers import digits
from web.shared.requests import DeskRequest


@require_safe
@never_cache
def page(request: DeskRequest, number: str) -> HttpResponse:
    """`?into=` names a ticket and shows what would come together before anything does."""
    if not request.actor.may(Perm.WORK_TICKETS):
        raise Http404
    return _page(request, number, into=request.GET.get("into", "").strip())


def _page(
    request: DeskRequest, number: str, *, into: str = "", at: str = "", refused: Refused | None = None
) -> HttpResponse:
    """`at` is the id of the field that was refused; it keeps what was typed."""
    found = queries.sorting_page(request.actor, digits(number), into=into, now=read_clock())
    proofs.seen(found.id, confidential=False, by=request.actor, now=read_clock())  # its letters stand there
    context = {
        "page": found,
        "asked": into,
        "at": at,
        "typed": request.POST.get("other", request.POST.get("to", ""))[:40],
        "refusal": words.word(words.REFUSALS, refused.code) if refused else "",
    }
    return render(request, "desk/sorting.html", context, status=409 if refused else 200)


def _tell(request: DeskRequest, refusal: Refused) -> None:
    messages.error(request, words.word(words.REFUSALS, refusal.code))


@require_POST
def merge(request: DeskRequest, number: str) -> HttpResponse:
    number, into = digits(number), digits(request.POST.get("into", "").strip())
    try:
        target = merging.merge(number, into, by=request.actor, now=read_clock())
    except Refused as refusal:
        _tell(request, refusal)
        return redirect("desk:sorting", number)
    undo = reverse("desk:unmerge", args=[number])
    messages.success(request, _("%(number)s is in this ticket now.") % {"number": pretty(number)}, extra_tags=undo)
    return redirect("desk:ticket", target.number)


@require_POST
def unmerge(request: DeskRequest, number: str) -> HttpResponse:
    number = digits(number)
    try:
        merging.unmerge(number, by=request.actor, now=read_clock())
    except Refused as refusal:
        _tell(request, refusal)
        return redirect("desk:ticket", number)
    messages.success(request, _("The ticket is on its own again. What came meanwhile stayed where it was put."))
    return redirect("desk:ticket", number)


@require_POST
def split(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    try:
        new = sorting.split_off(digits(number), message_public_id=str(public_id), by=request.actor, now=read_clock())
    except Refused as refusal:
        _tell(request, refusal)
        return redirect("desk:sorting", number)
    messages.success(request, _("The letter has a ticket of its own: %(number)s.") % {"number": pretty(new.number)})
    return redirect("desk:ticket", new.number)


@require_POST
def move(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    to = digits(request.POST.get("to", "").strip())
    try:
        other = sorting.move_message(
            digits(number), message_public_id=str(public_id), to_number=to, by=request.actor, now=read_clock()
        )
    except Refused as refusal:
        return _page(request, number, at=f"to-{public_id}", refused=refusal)
    messages.success(request, _("The letter is in this ticket now."))
    return redirect("desk:ticket", other.number)


@require_POST
def links(request: DeskRequest, number: str) -> HttpResponse:
    other = digits(request.POST.get("other", "").strip())
    try:
        sorting.link(digits(number), other, by=request.actor, now=read_clock())
    except Refused as refusal:
        return _page(request, number, at="other", refused=refusal)
    messages.success(request, _("The tickets are linked."))
    return redirect("desk:ticket", number)


@require_POST
def link_removal(request: DeskRequest, number: str, other: str) -> HttpResponse:
    try:
        sorting.unlink(digits(number), digits(other), by=request.actor, now=read_clock())
    except Refused as refusal:
        _tell(request, refusal)
    else:
        messages.success(request, _("The link is gone."))
    return redirect("desk:ticket", number)
