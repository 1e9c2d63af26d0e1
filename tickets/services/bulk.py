"""One change of many tickets at once, by the rules of the single change, and one undo of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events import outbox
from events.event import DomainEvent
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, visible_to
from tickets.enums import BulkAction, Status
from tickets.event_types import (
    QueueChanged,
    TicketTagged,
    TicketUntagged,
)
from tickets.models import BulkChange, Queue, Tag, Ticket
from tickets.services import assignment, lifecycle, rows, spam, tagging
from tickets.services.clocks import Clocks, due_of
from tickets.services.conversation import Refused

MOST = 100
UNDO_WITHIN = timedelta(seconds=30)

Step = Callable[[Ticket], DomainEvent | None]

# What the steps change and an undo puts back. `due_at` follows from the clocks.
_KEPT = ("status", "assignee_id", "queue_id", "team_id", "is_unread", "is_spam", "spam_reason")
_SAVED = (
    "status", "assignee", "queue", "team", "is_unread", "is_spam", "spam_since", "spam_reason", "due_at", "version",
    "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused` says for each number why: a code of web/desk/words.py."""

    done: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    undo: str = ""  # public id of the change; empty where nothing was changed


@transaction.atomic
def change(numbers: Sequence[str], action: BulkAction, value: str, *, by: Actor, now: datetime) -> Outcome:
    """Assigns, moves, puts into a state, tags or marks as spam. About twenty queries for any number of tickets.

    Tickets are locked in the order of their ids, as intake does. What cannot be changed stays and is told; what this
    actor may not see is told as missing. Raises `Refused` where nothing could be done at all.
    """
    wanted = list(dict.fromkeys(numbers))
    if by.staff_id is None or not by.may(Perm.WORK_TICKETS):
        raise NotVisible("tickets")
    if not wanted:
        raise Refused("none_marked")
    if len(wanted) > MOST:
        raise Refused("too_many")
    tickets = _locked(visible_to(by).filter(number__in=wanted, merged_into=None, erased_at=None))
    clocks = Clocks(tickets)
    step = _step(action, value, tickets, clocks=clocks, by=by, now=now)
    refused = dict.fromkeys(wanted, "no_such_ticket")
    changed: list[Ticket] = []
    events: list[DomainEvent] = []
    items: list[dict[str, Any]] = []
    for ticket in tickets:
        del refused[ticket.number]
        before = _kept(ticket)
        try:
            event = step(ticket)
        except Refused as refusal:
            refused[ticket.number] = refusal.code
            continue
        if event is None:
            continue
        ticket.version += 1
        changed.append(ticket)
        events.append(event)
        items.append(
            {"ticket": ticket.pk, "number": ticket.number, "version": ticket.version, "before": before,
             "after": _kept(ticket), "clock": clocks.told.get(ticket.pk)}
        )  # fmt: skip
    done = tuple(number for number in wanted if number not in refused)
    if not changed:
        return Outcome(done, refused)
    _save(changed, clocks, now=now)
    if action is BulkAction.SPAM:
        spam.hold_acknowledgements(changed, now=now)
    outbox.record(*events, by=by.key, now=now)
    made = BulkChange.objects.create(staff_id=by.staff_id, action=action, value=value, items=items, made_at=now)
    return Outcome(done, refused, str(made.public_id))


@transaction.atomic
def undo(public_id: str, *, by: Actor, now: datetime) -> Outcome:
    """Puts back what nobody touched since; the rest is left and told. Once, by who made the change, within 30 s."""
    made = BulkChange.objects.select_for_update().filter(public_id=public_id, staff_id=by.staff_id).first()
    if made is None:
        raise NotVisible(public_id)
    if made.undone_at is not None:
        raise Refused("undone_already")
    if now - made.made_at > UNDO_WITHIN:
        raise Refused("undo_too_late")
    items: dict[int, dict[str, Any]] = {int(str(item["ticket"])): dict(item) for item in made.items}
    tickets = _locked(Ticket.objects.filter(pk__in=items))
    mine = [ticket for ticket in tickets if ticket.version == items[ticket.pk]["version"]]
    clocks = Clocks(mine, also=[items[t.pk]["clock"] for t in mine if items[t.pk]["clock"]])
    tag = Tag.objects.get(pk=int(made.value)) if made.action == BulkAction.TAG else None
    queues = Queue.objects.in_bulk({item["before"]["queue_id"] for item in items.values()})
    events: list[DomainEvent] = []
    for ticket in mine:
        item = items[ticket.pk]
        if tag is not None:
            events.append(TicketUntagged(ticket_id=ticket.pk, tag_id=tag.pk, name=tag.name))
        events += _back(ticket, item["before"], queues, clocks=clocks, clock_id=item["clock"], by=by, now=now)
        ticket.version += 1
    if tag is not None:
        tagging.take(mine, tag)
    _save(mine, clocks, now=now)
    if made.action == BulkAction.SPAM:
        events += spam.send_acknowledgements(mine)
    outbox.record(*events, by=by.key, now=now)
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    left = {str(item["number"]): "touched_since" for item in items.values()}
    for ticket in mine:
        del left[ticket.number]
    return Outcome(tuple(ticket.number for ticket in mine), left)


def _back(
    ticket: Ticket,
    before: dict[str, Any],
    queues: dict[int, Queue],
    *,
    clocks: Clocks,
    clock_id: int | None,
    by: Actor,
    now: datetime,
) -> list[DomainEvent]:
    events: list[DomainEvent] = []
    if ticket.assignee_id != before["assignee_id"]:
        events.append(assignment.given(ticket, to=before["assignee_id"], by=by))
    if ticket.queue_id != before["queue_id"]:
        after = queues[before["queue_id"]].slug
        events.append(QueueChanged(ticket_id=ticket.pk, before=ticket.queue.slug, after=after))
    if ticket.status != before["status"]:
        events.append(lifecycle.moved(ticket, Status(before["status"]), by=by))
    if was_marked := ticket.is_spam and not before["is_spam"]:
        events.append(spam.take_off(ticket, clocks=clocks, now=now))
    for name in _KEPT:
        setattr(ticket, name, before[name])
    if clock_id and not was_marked:
        clocks.take_back(clock_id, ticket, reason="undo", now=now)
    elif not was_marked:
        open_one = clocks.open.get(ticket.pk)
        ticket.due_at = due_of(ticket, open_one.due_at if open_one else None)
    return events


def _locked(tickets: Any) -> list[Ticket]:
    return list(tickets.select_for_update(of=("self",)).select_related("queue").order_by("pk"))


def _kept(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in _KEPT}


def _save(tickets: list[Ticket], clocks: Clocks, *, now: datetime) -> None:
    clocks.save()
    for ticket in tickets:
        ticket.updated_at = now
    rows.update(tickets, _SAVED)


def _step(action: BulkAction, value: str, tickets: list[Ticket], *, clocks: Clocks, by: Actor, now: datetime) -> Step:
    """The single change as a function of a locked ticket. Raises what no ticket could take."""
    match action:
        case BulkAction.ASSIGN:
            to = assignment.person(_number(value))
            return lambda ticket: assignment.give(ticket, to=to, by=by)
        case BulkAction.QUEUE:
            queue = assignment.queue(value)
            return lambda ticket: assignment.place(ticket, queue)
        case BulkAction.STATUS:
            status = Status(value)
            asked = lifecycle.asked_for(status)
            return lambda ticket: lifecycle.put(ticket, status, asked=asked, clocks=clocks, by=by, now=now)
        case BulkAction.TAG:
            tag = tagging.offered(_number(value))
            new = tagging.give(tickets, tag)
            return lambda ticket: (
                TicketTagged(ticket_id=ticket.pk, tag_id=tag.pk, name=tag.name) if ticket.pk in new else None
            )
        case BulkAction.SPAM:
            return lambda ticket: spam.put(ticket, clocks=clocks, reason="agent", now=now)


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 10 else 0
