"""Who works a ticket: claim, assign, release, move to another queue."""

from datetime import datetime

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import Status
from tickets.event_types import AssigneeChanged, QueueChanged
from tickets.models import Queue, Ticket
from tickets.policies.concern import Why, concerned
from tickets.services.conversation import Refused
from tickets.services.intake import touch


def claim(ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    """Takes the ticket. Raises `Refused("taken")` when somebody else was faster."""
    return _give(ticket_number, to=by.staff_id, by=by, now=now)


def release(ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    return _give(ticket_number, to=None, by=by, now=now)


def assign(ticket_number: str, *, staff_id: int, by: Actor, now: datetime) -> Ticket:
    """To oneself anybody who works; to others a lead, or whoever holds the ticket now."""
    return _give(ticket_number, to=person(staff_id), by=by, now=now)


@transaction.atomic
def _give(ticket_number: str, *, to: int | None, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    if event := give(ticket, to=to, by=by):
        touch(ticket, now=now)
        outbox.record(event, by=by.key, now=now)
    return ticket


@transaction.atomic
def move_to_queue(ticket_number: str, *, queue_slug: str, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    if event := place(ticket, queue(queue_slug)):
        touch(ticket, now=now)
        outbox.record(event, by=by.key, now=now)
    return ticket


def person(staff_id: int) -> int:
    """Somebody a ticket may be given to."""
    if not StaffProfile.objects.filter(pk=staff_id, user__is_active=True).exists():
        raise Refused("no_such_person")
    return staff_id


def queue(slug: str) -> Queue:
    found = Queue.objects.select_related("team").filter(slug=slug, is_active=True).first()
    if found is None:
        raise NotVisible(slug)
    return found


def give(ticket: Ticket, *, to: int | None, by: Actor) -> AssigneeChanged | None:
    """Of a locked ticket, for the caller to save; None where nothing changes."""
    before = ticket.assignee_id
    if before == to:
        return None
    is_mine = before in {None, by.staff_id}
    if not by.may(Perm.ASSIGN_OTHERS) and not is_mine:
        raise Refused("taken")
    event = given(ticket, to=to, by=by)
    ticket.assignee_id = to
    if to is not None and Status(ticket.status) is Status.NEW:
        ticket.status = Status.OPEN.value
    return event


def given(ticket: Ticket, *, to: int | None, by: Actor) -> AssigneeChanged:
    """The event of a ticket about to be given to somebody, or to nobody."""
    before = ticket.assignee_id
    tells = concerned(
        (Why.ASSIGNED, [to]), (Why.TAKEN, [before]), (Why.FOLLOWED_CHANGED, ticket.followers), by=by.staff_id
    )
    return AssigneeChanged(ticket_id=ticket.pk, before=before, after=to, tells=tells)


def place(ticket: Ticket, queue: Queue) -> QueueChanged | None:
    """Of a locked ticket, for the caller to save; None where it stands there already."""
    before = ticket.queue
    if before == queue:
        return None
    ticket.queue, ticket.team = queue, queue.team
    return QueueChanged(ticket_id=ticket.pk, before=before.slug, after=queue.slug)
