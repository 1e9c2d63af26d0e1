"""The lists of blocked and allowed senders: adding, removing, and taking a removal back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.enums import SenderList
from tickets.services import sender_lists
from tickets.services.refused import Refused
from web.desk import words
from web.shared.requests import DeskRequest

DAYS = (7, 30, 365)


@require_safe
@never_cache
def lists(request: DeskRequest) -> HttpResponse:
    return _page(request)


def _page(request: DeskRequest, *, typed: dict[str, str] | None = None, refusal: str = "") -> HttpResponse:
    if not request.actor.may(Perm.KEEP_SENDER_LISTS):
        raise PermissionDenied
    context = {
        "rules": queries.sender_rules(now=read_clock()),
        "days": DAYS,
        "typed": typed or {},
        "refusal": refusal,
        "section": "lists",
    }
    return render(request, "desk/sender_lists.html", context, status=409 if refusal else 200)


@require_POST
def entries(request: DeskRequest) -> HttpResponse:
    """A refusal shows the page again with what was typed."""
    given = {name: request.POST.get(name, "").strip() for name in ("list", "sender", "reason", "days")}
    which = SenderList.ALLOW if given["list"] == SenderList.ALLOW else SenderList.BLOCK
    days = int(given["days"]) if given["days"].isdecimal() and len(given["days"]) < 6 else None
    try:
        sender_lists.add(which, given["sender"], reason=given["reason"], days=days, by=request.actor, now=read_clock())
    except Refused as refusal:
        return _page(request, typed=given, refusal=words.word(words.REFUSALS, refusal.code))
    messages.success(request, _("Added to the list."))
    return redirect("desk:lists")


@require_POST
def removal(request: DeskRequest, rule_id: int) -> HttpResponse:
    try:
        sender_lists.remove(rule_id, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        undo = reverse("desk:list_return", args=[rule_id])
        messages.success(request, _("Removed from the list."), extra_tags=undo)
    return redirect("desk:lists")


@require_POST
def back(request: DeskRequest, rule_id: int) -> HttpResponse:
    try:
        sender_lists.put_back(rule_id, by=request.actor)
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        messages.success(request, _("Back on the list."))
    return redirect("desk:lists")
