"""One ticket as its customer sees it, and what he does with it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from tickets.contracts import Typed
from tickets.policies.checklist import is_answered
from tickets.queries.checklist import ItemView
from tickets.queries.critical import actions_for
from tickets.queries.customer import CustomerTicket, customer_file, customer_ticket
from tickets.services import customer_side
from tickets.services.checklists import MOST_ANSWER, Tick
from tickets.services.promises import MOST_OPEN
from tickets.services.refused import Refused
from tickets.services.secrets import MOST_ONCE
from web.panel import uploads
from web.panel.session import facts
from web.shared.asking import shown
from web.shared.downloads import serve
from web.shared.forms import keeps_words, take_out_nuls
from web.shared.requests import PanelRequest


@require_safe
@never_cache
def ticket(request: PanelRequest, public_id: UUID) -> HttpResponse:
    return page(request, public_id)


def page(request: PanelRequest, public_id: UUID, *, status: int = 200, **more: object) -> HttpResponse:
    found = customer_ticket(request.customer, public_id, now=read_clock())
    if found.public_id != str(public_id):
        return redirect("panel:ticket", found.public_id)
    request_id = _request_id(request) or uuid4()
    decisions = actions_for(request.customer, only_open=True)
    context = {
        "ticket": found,
        "decisions": [each for each in decisions if each.pretty_number == found.pretty_number],
        "missing": [
            (
                item,
                _said(request, item),
                f"done-{item.public_id}" in request.POST,
                uploads.kept(request, request_id, _files_field(item)) if request.POST else [],
            )
            for item in found.missing
        ],
        "kept": uploads.kept(request, request_id) if request.POST else [],
        "now": read_clock(),
        "details": shown(found.details),
        "request_id": request_id,
        "text": request.POST.get("text", ""),
        "typed": request.POST,
        **more,
    }
    return render(request, "panel/ticket.html", context, status=status)


@keeps_words
@require_POST
def answers(request: PanelRequest, public_id: UUID) -> HttpResponse:
    now = read_clock()
    odd = take_out_nuls(request)
    found = customer_ticket(request.customer, public_id, now=now)
    request_id = _request_id(request)
    if request_id is None:
        return page(request, public_id, status=400, error=_("The form is too old. Send it once more."))
    fields = ("files", *(_files_field(item) for item in found.checklist))
    if too_much := uploads.keep(request, request_id, fields, now=now):
        return page(request, public_id, status=400, files_error=too_much)
    if odd:
        told = _("There was a character that cannot be stored. It is gone; look at the text and send again.")
        return page(request, public_id, status=400, **{"secret_error" if odd == {"secret"} else "error": told})
    typed = Typed(
        request_id=request_id,
        text=request.POST.get("text", ""),
        files=uploads.files_of(request, request_id),
        facts=facts(request.customer, found.account_id),
        secret=request.POST.get("secret", ""),
    )
    ticks = _ticks(request, request_id, found)
    try:
        written = customer_side.answer(request.customer, public_id, typed, ticks=ticks, now=now)
    except Refused as refusal:
        text = _without_a_home(request, request_id, public_id)
        field = "secret_error" if refusal.code == "secret_too_long" else "error"
        return page(request, public_id, status=400, text=text, **{field: _refusal(refusal)})
    uploads.sent(request, request_id, fields)
    if written.held == "waiting":
        messages.success(request, _("Your answer is with us. An agent looks at it before others see it."))
    else:
        messages.success(request, _("Your answer is with us."))
    return redirect("panel:ticket", public_id)


def _request_id(request: PanelRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return None


def _files_field(item: ItemView) -> str:
    return f"files-{item.public_id}"


def _said(request: PanelRequest, item: ItemView) -> str:
    return request.POST.get(f"words-{item.public_id}", "")


def _ticks(request: PanelRequest, request_id: UUID, ticket: CustomerTicket) -> list[Tick]:
    """What the form answers of the list, whether it may still be answered or not."""
    ticks = []
    for item in ticket.checklist:
        said, files = _said(request, item), uploads.files_of(request, request_id, _files_field(item))
        is_done = f"done-{item.public_id}" in request.POST
        if is_answered(item.kind, words=said, has_files=bool(files), is_done=is_done):
            ticks.append(Tick(item.public_id, said, files))
    return ticks


def _without_a_home(request: PanelRequest, request_id: UUID, public_id: UUID) -> str:
    """All that was said, with the words for what can be ticked off no longer: somebody was quicker, or we closed it.

    Its files go to those of the whole answer.
    """
    found = customer_ticket(request.customer, public_id, now=read_clock())
    homeless = [item for item in found.checklist if item not in found.missing]
    uploads.gather(request, request_id, [_files_field(item) for item in homeless])
    words = [_said(request, item).strip() for item in homeless]
    return "\n\n".join(filter(None, [*words, request.POST.get("text", "")]))


def _refusal(refusal: Refused) -> str:
    if refusal.code == "ticked_already":
        return _("Some of it has been answered meanwhile. Your words are below: look at them and send again.")
    if refusal.code == "ticks_closed":
        return _("The request was closed meanwhile. Your words are below: send them, and it is open again.")
    if refusal.code == "secret_too_long":
        return _("The password or key is too long: at most %(most)s characters.") % {"most": MOST_ONCE}
    if refusal.code == "tick_too_long":
        return _("Too long: at most %(most)s characters for each.") % {"most": MOST_ANSWER}
    return _("Write something first: the text is empty.")


@require_POST
def closing(request: PanelRequest, public_id: UUID) -> HttpResponse:
    waived = request.POST.getlist("waived")[:MOST_OPEN]
    try:
        customer_side.close(request.customer, public_id, waived=waived, now=read_clock())
    except Refused as refusal:
        if refusal.code == "answer_coming":
            said = _("Not closed: an answer to you is just leaving. Read it in a moment, and close it then.")
        elif refusal.code == "promises_open":
            said = _(
                "Not closed: we still owe you something. Tick what you need no more, or leave it open until it is done."
            )
        else:
            raise
        messages.error(request, said)
    else:
        messages.success(request, _("Closed. Thank you for saying so."))
    return redirect("panel:ticket", public_id)


@require_POST
def reopening(request: PanelRequest, public_id: UUID) -> HttpResponse:
    customer_side.reopen(request.customer, public_id, now=read_clock())
    messages.success(request, _("It is open again, and with us."))
    return redirect("panel:ticket", public_id)


@require_safe
def file(request: PanelRequest, public_id: UUID, file_id: UUID) -> HttpResponseBase:
    found = customer_file(request.customer, public_id, file_id, now=read_clock())
    return serve(found, inline=request.GET.get("inline") == "1")
