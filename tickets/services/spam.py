"""Spam: a mark that takes a ticket out of queues, clocks and reports, and can be taken off again.

The rule of the clocks: while the mark stands, nothing is due. Taken off, the mark was our mistake, so the time of the
customer ran on as if it had never been; what he wrote meanwhile is waiting for an answer since he wrote it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core.clock import NEVER
from events import outbox
from sla.policies.clock import Entry
from staff.actor import Actor
from tickets.access import get_ticket_to_work
from tickets.enums import Author, SenderList, Status
from tickets.event_types import ReplyQueued, TicketMarkedSpam, TicketUnmarkedSpam
from tickets.models import ClockEntry, Message, OutboundCopy, SenderRule, Ticket
from tickets.numbers import pretty
from tickets.policies import lifecycle
from tickets.services import acknowledging, sender_lists
from tickets.services import clocks as ledger
from tickets.services.clocks import Clocks
from tickets.services.intake import touch

REASON = "spam"  # of the ledger's entry


@transaction.atomic
def mark(ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    clocks = Clocks([ticket])
    if event := put(ticket, clocks=clocks, reason="agent", now=now):
        clocks.save()
        hold_acknowledgements([ticket], now=now)
        touch(ticket, now=now)
        outbox.record(event, by=by.key, now=now)
    return ticket


@transaction.atomic
def block_sender(ticket_number: str, *, by: Actor, now: datetime) -> SenderRule:
    """Blocks the requester of a ticket and marks it as spam, in one step, for everybody who works tickets."""
    ticket = get_ticket_to_work(by, ticket_number)
    reason = pretty(ticket.number)
    rule = sender_lists.put(SenderList.BLOCK, ticket.requester_email, reason=reason, days=None, by=by, now=now)
    mark(ticket_number, by=by, now=now)
    return rule


@transaction.atomic
def unmark(ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    if not ticket.is_spam:
        return ticket
    since = ticket.spam_since
    clocks = Clocks([ticket], also=aside([ticket]))
    event = take_off(ticket, clocks=clocks, now=now)
    clocks.save()
    meanwhile = Message.objects.filter(
        ticket=ticket, author=Author.REQUESTER, nature="person", created_at__gt=since or now
    ).order_by("id")
    if wrote := meanwhile.first():
        ticket.status = lifecycle.after_customer_wrote(Status(ticket.status)).value
        ticket.is_unread = True
        ledger.customer_wrote(ticket, now=wrote.created_at)
    touch(ticket, now=now)
    told = send_acknowledgements([ticket]) + acknowledging.after_spam(ticket, now=now)
    outbox.record(event, *told, by=by.key, now=now)
    return ticket


def put(ticket: Ticket, *, clocks: Clocks, reason: str, now: datetime) -> TicketMarkedSpam | None:
    """On a locked ticket, for the caller to save with its clocks; None where the mark stands already."""
    if ticket.is_spam:
        return None
    ticket.is_spam, ticket.spam_since, ticket.spam_reason = True, now, reason
    clocks.set_aside(ticket, reason=REASON, now=now)
    ticket.due_at = NEVER
    return TicketMarkedSpam(ticket_id=ticket.pk, reason=reason)


def take_off(ticket: Ticket, *, clocks: Clocks, now: datetime) -> TicketUnmarkedSpam:
    """Of a locked ticket; `clocks` hold what was set aside."""
    ticket.is_spam, ticket.spam_since, ticket.spam_reason = False, None, ""
    ticket.due_at = ledger.due_of(ticket, None)
    for clock in clocks.all.values():
        if clock.ticket_id == ticket.pk and not clock.is_open:
            clocks.take_back(clock.pk, ticket, reason="no_spam", now=now)
    return TicketUnmarkedSpam(ticket_id=ticket.pk)


def aside(tickets: list[Ticket]) -> list[int]:
    """The clocks that the mark set aside."""
    told = ClockEntry.objects.filter(clock__ticket__in=tickets, clock__is_open=False, clock__met_at=None)
    last = told.order_by("clock_id", "-id").distinct("clock_id").values_list("clock_id", "entry", "reason")
    return [clock for clock, entry, reason in last if entry == Entry.SET_ASIDE and reason == REASON]


def hold_acknowledgements(tickets: Iterable[Ticket], *, now: datetime) -> None:
    """Withdraws automatic replies that no worker has taken yet."""
    waiting = OutboundCopy.objects.filter(message__ticket__in=tickets, message__author=Author.SYSTEM, status="queued")
    held = [pk for pk in waiting.values_list("pk", flat=True) if outbox.take_back(ReplyQueued, [str(pk)], now=now)]
    OutboundCopy.objects.filter(pk__in=held).update(status="withdrawn", finished_at=now)


def send_acknowledgements(tickets: Iterable[Ticket]) -> list[ReplyQueued]:
    """Those withdrawn go out after all: the events to record."""
    held = OutboundCopy.objects.filter(message__ticket__in=tickets, message__author=Author.SYSTEM, status="withdrawn")
    copies = list(held.values_list("pk", "message_id", "message__ticket_id"))
    OutboundCopy.objects.filter(pk__in=[pk for pk, _, _ in copies]).update(status="queued", finished_at=None)
    return [
        ReplyQueued(ticket_id=ticket, message_id=message, copy_ids=(pk,), is_automatic=True)
        for pk, message, ticket in copies
    ]
