"""What the desk promises a customer: made alone or in a reply, kept by hand or with a reply, withdrawn with a reason.

The nearest open one stands at the ticket (`promised_at`) and in its place in the queue (`due_at`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from core.clock import dated
from customers.actor import Customer
from events import outbox
from staff.actor import Actor
from tickets.access import get_ticket_to_work
from tickets.enums import Status
from tickets.event_types import PromiseKept, PromiseMade, PromiseWaived, PromiseWithdrawn, TicketEvent
from tickets.models import Message, Promise, Ticket
from tickets.policies.promises import waived_by_closing
from tickets.services import clocks
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import is_uuid, staff_id_of

MOST_WORDS = 300
MOST_OPEN = 10
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Promised:
    due_at: datetime
    words: str = ""  # none: an answer
    typed: str = ""  # the time as it was typed, for a reply that is taken back


@dataclass(frozen=True, slots=True)
class Ending:
    is_kept: bool
    reason: str = ""  # of a withdrawal


@transaction.atomic
def make(ticket_number: str, promised: Promised, *, by: Actor, now: datetime) -> Promise:
    """Told to the customer in the panel and on the status page; no letter leaves."""
    ticket = get_ticket_to_work(by, ticket_number)
    check(ticket, promised, now=now)
    promise, made = add(ticket, promised, by=by, now=now)
    settle(ticket)
    touch(ticket, now=now)
    outbox.record(made, by=by.key, now=now)
    return promise


@transaction.atomic
def keep(ticket_number: str, public_id: str, *, by: Actor, now: datetime) -> Promise:
    ticket = get_ticket_to_work(by, ticket_number)
    promise = _open_one(ticket, public_id)
    kept = _keep(promise, by=by, now=now)
    settle(ticket)
    touch(ticket, now=now)
    outbox.record(kept, by=by.key, now=now)
    return promise


@transaction.atomic
def withdraw(
    ticket_number: str, public_id: str, *, reason: str, instead: datetime | None = None, by: Actor, now: datetime
) -> Promise | None:
    """With `instead` the same is promised by another time; the customer sees both and the reason."""
    ticket = get_ticket_to_work(by, ticket_number)
    promise = _open_one(ticket, public_id)
    new: Promise | None = None
    events: list[TicketEvent] = [_withdraw(promise, reason, by=by, now=now)]
    if instead is not None:
        again = Promised(instead, promise.words)
        check(ticket, again, now=now)
        new, made = add(ticket, again, by=by, now=now, instead_of=promise)
        events.append(made)
    settle(ticket)
    touch(ticket, now=now)
    outbox.record(*events, by=by.key, now=now)
    return new


def check(ticket: Ticket, promised: Promised, *, now: datetime) -> None:
    """Raises `Refused`."""
    if Status(ticket.status).is_done:
        raise Refused("promise_done")
    if promised.due_at <= now:
        raise Refused("promise_past")
    if promised.due_at > now + FURTHEST:
        raise Refused("promise_far")
    if len(promised.words.strip()) > MOST_WORDS:
        raise Refused("promise_too_long")
    if open_ones(ticket).count() >= MOST_OPEN:
        raise Refused("promise_too_many")


def add(
    ticket: Ticket,
    promised: Promised,
    *,
    by: Actor,
    now: datetime,
    message: Message | None = None,
    instead_of: Promise | None = None,
) -> tuple[Promise, PromiseMade]:
    """Of a locked ticket and already checked; the caller settles the ticket and records the event."""
    words = " ".join(promised.words.split())
    promise = Promise.objects.create(
        ticket=ticket,
        is_answer=instead_of.is_answer if instead_of else not words,
        words=words,
        due_at=promised.due_at,
        staff_id=staff_id_of(by),
        made_at=now,
        message=message,
        instead_of=instead_of,
    )
    made = PromiseMade(
        ticket_id=ticket.pk,
        promise_id=promise.pk,
        due_at=promise.due_at.isoformat(),
        message_id=message.pk if message else None,
    )
    return promise, made


def kept_with_reply(ticket: Ticket, chosen: Collection[str], *, by: Actor, now: datetime) -> list[int]:
    """What its author says the reply keeps, by public id; the caller settles the ticket and records it.

    Raises `Refused` where one of them has ended meanwhile: the reply may speak of it.
    """
    if not chosen:
        return []
    kept = list(
        open_ones(ticket).filter(public_id__in=filter(is_uuid, chosen)).order_by("id").values_list("pk", flat=True)
    )
    if len(kept) != len(set(chosen)):
        raise Refused("promise_ended")
    Promise.objects.filter(pk__in=kept).update(kept_at=now, ended_by=by.key)
    return kept


def end(ticket: Ticket, endings: Mapping[str, Ending], *, by: Actor, now: datetime) -> list[TicketEvent]:
    """What an agent who closes a locked ticket says of its promises, by public id; the caller saves and records it."""
    events: list[TicketEvent] = []
    for public_id, ending in endings.items():
        promise = _open_one(ticket, public_id)
        if ending.is_kept:
            events.append(_keep(promise, by=by, now=now))
        else:
            events.append(_withdraw(promise, ending.reason, by=by, now=now))
    settle(ticket)
    return events


def waive(ticket: Ticket, said: Collection[str], *, by: Customer, now: datetime) -> list[PromiseWaived]:
    """The same for the customer who closes it himself; `said` names what else he needs no more."""
    found = {str(one.public_id): one for one in open_ones(ticket).order_by("id")}
    waived = waived_by_closing({one: promise.is_answer for one, promise in found.items()}, said=said)
    ended = [promise for one, promise in found.items() if one in waived]
    Promise.objects.filter(pk__in=[one.pk for one in ended]).update(withdrawn_at=now, ended_by=by.key)
    settle(ticket)
    return [PromiseWaived(ticket_id=ticket.pk, promise_id=one.pk) for one in ended]


def unkeepable(ticket_ids: Collection[int], *, by: str, now: datetime) -> dict[int, list[PromiseWithdrawn]]:
    """Nobody knows any more what was promised to whom: what was open there ends, by ticket."""
    events: dict[int, list[PromiseWithdrawn]] = defaultdict(list)
    found = Promise.objects.filter(ticket__in=ticket_ids, kept_at=None, withdrawn_at=None)
    for ticket_id, promise_id in found.order_by("id").values_list("ticket_id", "pk"):
        events[ticket_id].append(PromiseWithdrawn(ticket_id=ticket_id, promise_id=promise_id))
    found.update(withdrawn_at=now, ended_by=by)
    return events


def must_owe_nothing(ticket: Ticket) -> None:
    """Of a ticket about to be done; its promises are settled. Raises `Refused`."""
    if ticket.promised_at is not None:
        raise Refused("promises_open")


def must_owe_him_nothing(ticket: Ticket, *, now: datetime) -> None:
    """The same for a customer who closes it. What a reply promises that may still be taken back he cannot see yet, nor
    waive: he is told to wait for the answer. Raises `Refused`.
    """
    if ticket.promised_at is not None and not open_ones(ticket).exclude(message__leaves_at__gt=now).exists():
        raise Refused("answer_coming")
    must_owe_nothing(ticket)


def untold(message: Message, kept: list[int]) -> None:
    """The reply was taken back before anybody read it: what it promised never was, what it kept is owed again."""
    for promise in Promise.objects.filter(message=message):
        _forget(promise)
    Promise.objects.filter(pk__in=kept, kept_at=message.created_at).update(kept_at=None, ended_by="")


def _forget(promise: Promise) -> None:
    for another_time in Promise.objects.filter(instead_of=promise):
        _forget(another_time)
    promise.delete()


def settle(ticket: Ticket) -> None:
    """`promised_at` and `due_at` anew, for the caller to save with the ticket."""
    ticket.promised_at = open_ones(ticket).order_by("due_at").values_list("due_at", flat=True).first()
    ticket.due_at = clocks.due_of(ticket, clocks.open_due_at(ticket))


def join(source: Ticket, target: Ticket) -> None:
    """The same for two that become one, without asking."""
    target.promised_at = min(filter(None, (source.promised_at, target.promised_at)), default=None)
    source.promised_at = None


def open_ones(ticket: Ticket) -> QuerySet[Promise]:
    return Promise.objects.filter(ticket=ticket, kept_at=None, withdrawn_at=None)


def open_ids(ticket: Ticket) -> list[str]:
    """Public ids, none asked for where the ticket says that there are none."""
    if ticket.promised_at is None:
        return []
    return [str(one) for one in open_ones(ticket).values_list("public_id", flat=True)]


def line(promised: Promised, language: str) -> str:
    """As it stands in the letter, with the zone of its time."""
    with translation.override(language):
        at = dated(promised.due_at.astimezone(ZoneInfo(settings.TIME_ZONE)), language)
        words = " ".join(promised.words.split())
        if not words:
            return _("We promise an answer by %(at)s.") % {"at": at}
        return _("We promise by %(at)s: %(words)s") % {"at": at, "words": words}


def _keep(promise: Promise, *, by: Actor, now: datetime) -> PromiseKept:
    promise.kept_at, promise.ended_by = now, by.key
    promise.save(update_fields=["kept_at", "ended_by"])
    return PromiseKept(ticket_id=promise.ticket_id, promise_id=promise.pk)


def _withdraw(promise: Promise, reason: str, *, by: Actor, now: datetime) -> PromiseWithdrawn:
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("promise_no_reason")
    if len(reason) > MOST_WORDS:
        raise Refused("promise_too_long")
    promise.withdrawn_at, promise.reason, promise.ended_by = now, reason, by.key
    promise.save(update_fields=["withdrawn_at", "reason", "ended_by"])
    return PromiseWithdrawn(ticket_id=promise.ticket_id, promise_id=promise.pk)


def _open_one(ticket: Ticket, public_id: str) -> Promise:
    promise = Promise.objects.filter(ticket=ticket, public_id=public_id).first() if is_uuid(public_id) else None
    if promise is None or promise.kept_at or promise.withdrawn_at:
        raise Refused("promise_ended")
    return promise
