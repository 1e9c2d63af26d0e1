"""States and classification of a ticket, changed by an agent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db import transaction

from customers.models import ContactPoint
from events import outbox
from staff.actor import Actor
from tickets.access import get_ticket_to_work
from tickets.enums import Kind, Scale, Status
from tickets.event_types import AccountChosen, LanguageChanged, StatusChanged, TicketClassified
from tickets.models import IdentityMatch, Ticket
from tickets.policies.concern import Why, concerned
from tickets.policies.fields import Field, missing
from tickets.policies.lifecycle import may_move
from tickets.policies.priority import priority_of
from tickets.queries.fields import fields
from tickets.services import clocks as ledger
from tickets.services import levels, promises
from tickets.services.clocks import Clocks
from tickets.services.conversation import Refused
from tickets.services.intake import touch
from tickets.services.promises import Ending


@transaction.atomic
def change_status(
    ticket_number: str,
    status: Status,
    *,
    endings: Mapping[str, Ending] = MappingProxyType({}),
    by: Actor,
    now: datetime,
) -> Ticket:
    """Whoever is done with a ticket says by `endings` what became of each promise that is open in it."""
    ticket = get_ticket_to_work(by, ticket_number)
    if Status(ticket.status) is status:
        return ticket
    ended = promises.end(ticket, endings, by=by, now=now) if status.is_done and endings else []
    clocks = Clocks([ticket])
    if event := put(ticket, status, asked=asked_for(status), clocks=clocks, by=by, now=now):
        clocks.save()
        touch(ticket, now=now)
        outbox.record(*ended, event, by=by.key, now=now)
    return ticket


def asked_for(status: Status) -> Sequence[Field]:
    """The desk's own fields that somebody who puts a ticket there has to look at."""
    return fields() if status.is_done else ()


def put(
    ticket: Ticket, status: Status, *, asked: Sequence[Field], clocks: Clocks, by: Actor, now: datetime
) -> StatusChanged | None:
    """Of a locked ticket, for the caller to save with its clocks; None where it is so already."""
    before = Status(ticket.status)
    if before is status:
        return None
    if not may_move(before, status):
        raise Refused("not_from_here")
    if not before.is_done and missing(asked, ticket.field_values, ticket.queue.slug):
        raise Refused("fields_missing")
    if status.is_done:
        promises.must_owe_nothing(ticket)
    event = moved(ticket, status, by=by)
    ticket.status = status.value
    if status.is_done:
        ticket.is_unread = False
    clocks.status_changed(ticket, now=now)
    return event


def moved(ticket: Ticket, status: Status, *, by: Actor) -> StatusChanged:
    """The event of a ticket about to go into this state."""
    tells = concerned((Why.FOLLOWED_CHANGED, ticket.followers), by=by.staff_id)
    return StatusChanged(ticket_id=ticket.pk, before=ticket.status, after=status.value, tells=tells)


@transaction.atomic
def classify(ticket_number: str, *, kind: Kind, impact: Scale, urgency: Scale, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    ticket.kind, ticket.impact, ticket.urgency = kind.value, impact.value, urgency.value
    ticket.priority = priority_of(impact, urgency).value
    ledger.priority_changed(ticket, now=now)
    touch(ticket, now=now)
    outbox.record(
        TicketClassified(
            ticket_id=ticket.pk,
            kind=kind.value,
            impact=impact.value,
            urgency=urgency.value,
            priority=ticket.priority,
        ),
        by=by.key,
        now=now,
    )
    return ticket


@transaction.atomic
def choose_account(ticket_number: str, *, account_id: int, by: Actor, now: datetime) -> Ticket:
    """Only one of the accounts that the claims point to may be chosen."""
    ticket = get_ticket_to_work(by, ticket_number)
    if not IdentityMatch.objects.filter(ticket=ticket, account_id=account_id).exists():
        raise Refused("no_such_match")
    if ticket.account_id == account_id:
        return ticket
    before, ticket.account_id = ticket.account_id, account_id
    ticket.contact_id = _on_file(ticket)
    levels.judge_for_account(ticket, by=by.key, now=now)
    touch(ticket, now=now)
    outbox.record(AccountChosen(ticket_id=ticket.pk, before=before, after=account_id), by=by.key, now=now)
    return ticket


def _on_file(ticket: Ticket) -> int | None:
    """Who its requester is in its account; whoever is nobody there has not opened it in the name of the account."""
    people = ContactPoint.objects.filter(account_id=ticket.account_id or 0, contact__isnull=False)
    if people.filter(contact_id=ticket.contact_id or 0).exists():
        return ticket.contact_id
    of_address = people.filter(kind="email", value=ticket.requester_email).values_list("contact_id", flat=True)
    found = set(of_address)
    return found.pop() if len(found) == 1 else None


@transaction.atomic
def switch_language(ticket_number: str, language: str, *, by: Actor, now: datetime) -> Ticket:
    """Automatic texts and the signature follow it from now on; what has been sent stays."""
    ticket = get_ticket_to_work(by, ticket_number)
    before = ticket.language
    if before != language:
        ticket.language = language
        touch(ticket, now=now)
        outbox.record(LanguageChanged(ticket_id=ticket.pk, before=before, after=language), by=by.key, now=now)
    return ticket
