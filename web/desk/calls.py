"""Telephone calls: the quick form, the lists, and the page of one call."""

import uuid
from collections.abc import Callable, Collection

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assurance.access import AccountCard, card
from channels_app import typed
from core.clock import now as read_clock
from core.trust import Level
from customers.queries import Caller, Named, caller_at
from staff.roles import Perm
from tickets import queries
from tickets.enums import Direction, Disposition, Kind, NumberSource
from tickets.queries.calls import Calls, call_page, callers, calls_page, word_of_ticket
from tickets.services import calls as service
from tickets.services.refused import Refused
from web.desk import names, words
from web.desk.numbers import digits
from web.desk.promising import promised_in
from web.shared.forms import take_out_nuls
from web.shared.refusals import OF_ADDRESS
from web.shared.requests import DeskRequest

_WHOSE = {
    "empty_call": "number",
    "no_subject": "subject",
    "no_such_queue": "queue",
    "no_such_ticket": "ticket",
    "no_disposition": "disposition",
    "call_without_ticket": "disposition",
    "promise_odd_time": "call_back_by",
    "promise_past": "call_back_by",
    "promise_far": "call_back_by",
} | dict.fromkeys(OF_ADDRESS, "answer_to")  # the field whose fault a refusal is

_FIELDS = ("number", "source", "direction", "who", "caller", "subject", "words", "language", "ticket", "queue", "kind")


@require_safe
@never_cache
def calls(request: DeskRequest) -> HttpResponse:
    if not request.actor.may(Perm.SEE_TICKETS):
        raise PermissionDenied
    now, asked = read_clock(), request.GET.get("list", Calls.TODAY)
    which = Calls(asked) if asked in set(Calls) else Calls.TODAY
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    page = calls_page(request.actor, which, since=morning, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "which": str(which),
        "lists": words.CALL_LISTS.items(),
        "is_later": bool(request.GET.get("after")),
        "may_work": request.actor.may(Perm.WORK_TICKETS),
        "section": "calls",
    }
    return render(request, "desk/calls.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_call(request: DeskRequest) -> HttpResponse:
    """`?number=`, `?who=` and `?ticket=` may fill it in."""
    if not request.actor.may(Perm.WORK_TICKETS):
        raise Http404
    odd = take_out_nuls(request)
    said = {name: request.POST.get(name, request.GET.get(name, "")) for name in _FIELDS}
    if request.method != "POST" or "find" in request.POST:
        return _form(request, said, is_asked="find" in request.POST)
    then = request.POST.get("then", "")
    try:
        if odd:
            raise Refused("unstorable")
        if then == "ticket" and not said["subject"].strip():
            raise Refused("no_subject")
        call = service.register(_said(request, said, in_ticket=then == "add"), by=request.actor, now=read_clock())
    except Refused as refusal:
        return _form(request, said, is_asked=True, refused=refusal, odd=odd)
    if then == "ticket":
        return _done(request, call.number, lambda: _open_ticket(request, call.number, said))
    messages.success(request, _("The call is registered."))
    return redirect("desk:call", call.number)


def _said(request: DeskRequest, said: dict[str, str], *, in_ticket: bool) -> service.NewCall:
    try:
        request_id = uuid.UUID(request.POST.get("request_id", ""))
        source, direction = NumberSource(said["source"]), Direction(said["direction"])
    except ValueError:
        raise Http404 from None
    caller = _chosen(said["caller"])
    language = said["language"] or (caller.language if caller else "")
    return service.NewCall(
        request_id=request_id,
        direction=direction,
        number=said["number"],
        number_source=source,
        caller=caller,
        caller_name=said["who"],
        subject=said["subject"],
        words=said["words"],
        language=language if language in words.LANGUAGES else (get_language() or "")[:2],
        ticket=digits(said["ticket"]) if in_ticket else "",
    )


def _chosen(pair: str) -> Caller | None:
    """`account` or `account contact`, public ids as the form gave them."""
    account, _separator, contact = pair.partition(" ")
    try:
        return caller_at(str(uuid.UUID(account)), str(uuid.UUID(contact)) if contact else "") if account else None
    except ValueError:
        raise Http404 from None


def _form(
    request: DeskRequest,
    said: dict[str, str],
    *,
    is_asked: bool,
    refused: Refused | None = None,
    odd: Collection[str] = (),
) -> HttpResponse:
    """What a plain call permits stands on it from the first moment."""
    now = read_clock()
    source = NumberSource(said["source"]) if said["source"] in set(NumberSource) else NumberSource.SHOWN
    found = callers(said["number"], said["who"])
    pair = said["caller"] or (_pair(found[0]) if len(found) == 1 else "")
    word = None
    if said["ticket"].strip() and (is_asked or said["number"]):
        word = word_of_ticket(request.actor, digits(said["ticket"]), said["number"], source, now=now)
    context = {
        **said,
        "source": str(source),
        "direction": said["direction"] or Direction.INBOUND.value,
        "request_id": request.POST.get("request_id") or uuid.uuid4(),
        "found": [(_pair(each), each) for each in found],
        "chosen": pair,
        "card": _card(request, pair),
        "is_asked": is_asked,
        "word": word,
        **_why(refused, "words", odd),
        "queues": queries.queues(request.actor),
        "in_russian": (get_language() or "").startswith("ru"),
        "kind": said["kind"] or Kind.QUESTION.value,
        "call_language": said["language"],  # `language` is the page's own, set by the base template
        "languages": words.LANGUAGES.items(),
        "section": "calls",
    }
    return render(request, "desk/new_call.html", context, status=409 if refused else 200)


def _why(refused: Refused | None, words_field: str, odd: Collection[str] = ()) -> dict[str, str]:
    """What a page says of a refusal, and beside which of its fields; a text too long is the fault of `words_field`."""
    if refused is None:
        return {}
    whose = _WHOSE | {"long_call": words_field, "unstorable": next((name for name in _FIELDS if name in odd), "")}
    at = whose.get(refused.code, "")
    return {"refusal": words.word(words.REFUSALS, refused.code), "at": at}


def _pair(found: Named) -> str:
    return f"{found.public_id} {found.contact}".strip()


def _card(request: DeskRequest, pair: str) -> AccountCard | None:
    caller = _chosen(pair)
    return card(request.actor, caller.account_id, level=Level.CLAIMED) if caller else None


@require_safe
@never_cache
def call(request: DeskRequest, number: str) -> HttpResponse:
    return _page(request, number)


def _page(request: DeskRequest, number: str, *, refused: Refused | None = None) -> HttpResponse:
    context = {
        "call": call_page(request.actor, digits(number), now=read_clock()),
        "queues": queries.queues(request.actor),
        "in_russian": (get_language() or "").startswith("ru"),
        "typed": request.POST,
        **_why(refused, "summary"),
        "section": "calls",
    }
    return render(request, "desk/call.html", context, status=409 if refused else 200)


def _done(request: DeskRequest, number: str, act: Callable[[], object], told: str = "") -> HttpResponse:
    """Acts and goes back to the call; a refusal is shown there, with what was typed."""
    try:
        act()
    except Refused as refusal:
        return _page(request, number, refused=refusal)
    if told:
        messages.success(request, told)
    return redirect("desk:call", digits(number))


@require_POST
def ticket(request: DeskRequest, number: str) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("queue", "kind", "subject", "answer_to")}
    return _done(request, number, lambda: _open_ticket(request, number, given))


def _open_ticket(request: DeskRequest, number: str, given: dict[str, str]) -> None:
    if given["kind"] not in set(Kind):
        raise Http404
    answer_to = given.get("answer_to", "").strip()
    addresses = names.addresses_of(given["queue"])
    service.open_ticket(
        digits(number),
        by=request.actor,
        queue=given["queue"],
        kind=Kind(given["kind"]),
        subject=given["subject"],
        our_address=addresses[0] if addresses else "",
        answer_to=typed.one(answer_to).email if answer_to else "",
        now=read_clock(),
    )


@require_POST
def addition(request: DeskRequest, number: str) -> HttpResponse:
    of = digits(request.POST.get("ticket", ""))
    told = _("The call is in the ticket.")
    return _done(
        request, number, lambda: service.add_to_ticket(digits(number), of, by=request.actor, now=read_clock()), told
    )


@require_POST
def closing(request: DeskRequest, number: str) -> HttpResponse:
    def act() -> None:
        disposition = request.POST.get("disposition", "")
        if disposition not in set(Disposition):
            raise Refused("no_disposition")
        promised = promised_in(request.POST.get("call_back_by", "")[:32], "")
        service.close(
            digits(number),
            Disposition(disposition),
            summary=request.POST.get("summary", ""),
            is_for_customer="is_for_customer" in request.POST,
            call_back_by=promised.due_at if promised else None,
            by=request.actor,
            now=read_clock(),
        )

    return _done(request, number, act, _("The call is closed."))


@require_POST
def letter(request: DeskRequest, number: str) -> HttpResponse:
    told = _("The number leaves by mail, to the address on file.")
    return _done(request, number, lambda: service.send_number(digits(number), by=request.actor, now=read_clock()), told)
