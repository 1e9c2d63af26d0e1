"""Promises on the page of a ticket. A form that is refused comes back with what was typed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.clock import now as read_clock
from core.dates import moment_in
from tickets.services import promises
from tickets.services.promises import Promised
from tickets.services.refused import Refused
from web.desk import words
from web.desk.numbers import digits
from web.desk.ticket import PromiseRefusal, ticket_page
from web.shared.requests import DeskRequest

NEW = "new"
MOST_TYPED = promises.MOST_WORDS * 2
_WHOSE = {
    "promise_odd_time": "of_time",
    "promise_past": "of_time",
    "promise_far": "of_time",
    "promise_too_long": "of_words",
    "promise_no_reason": "of_words",
}


def promised_in(typed_at: str, said: str) -> Promised | None:
    """From two fields of a form; None where neither says anything. Raises `Refused`."""
    if not typed_at.strip() and not said.strip():
        return None
    return Promised(_moment(typed_at), said.strip(), typed_at.strip())


def _moment(typed: str) -> datetime:
    """In the zone of whoever typed it."""
    if (at := moment_in(typed)) is None:
        raise Refused("promise_odd_time")
    return timezone.make_aware(at)


@require_POST
def making(request: DeskRequest, number: str) -> HttpResponse:
    said, due_at = request.POST.get("words", "")[:MOST_TYPED], request.POST.get("due_at", "")[:32]

    def make(number: str) -> str:
        promises.make(number, Promised(_moment(due_at), said), by=request.actor, now=read_clock())
        return _("Promised. The customer sees it in the panel.")

    return _done(request, number, make, which=NEW, said=said, due_at=due_at)


@require_POST
def keeping(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    def keep(number: str) -> str:
        promises.keep(number, str(public_id), by=request.actor, now=read_clock())
        return _("The promise is kept.")

    return _done(request, number, keep)


@require_POST
def withdrawal(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    said, due_at = request.POST.get("reason", "")[:MOST_TYPED], request.POST.get("due_at", "")[:32]

    def withdraw(number: str) -> str:
        instead = _moment(due_at) if due_at.strip() else None
        promises.withdraw(number, str(public_id), reason=said, instead=instead, by=request.actor, now=read_clock())
        return _("There is a new promise instead.") if instead else _("The promise is taken back.")

    return _done(request, number, withdraw, which=str(public_id), said=said, due_at=due_at)


def _done(
    request: DeskRequest,
    number: str,
    act: Callable[[str], str],
    *,
    which: str = "",
    said: str = "",
    due_at: str = "",
) -> HttpResponse:
    number = digits(number)
    try:
        messages.success(request, act(number))
    except Refused as refusal:
        why = words.word(words.REFUSALS, refusal.code)
        if not which or refusal.code == "promise_ended":
            messages.error(request, why)
            return redirect("desk:ticket", number)
        refused = PromiseRefusal(which, said, due_at, **{_WHOSE.get(refusal.code, "of_all"): why})
        return ticket_page(request, number, promise_refused=refused, status=409)
    return redirect("desk:ticket", number)
