"""When somebody leaves: his access and his tickets in one act."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from events import outbox
from staff.actor import Actor
from staff.services import people
from tickets.enums import DONE
from tickets.event_types import AssigneeChanged
from tickets.models import Ticket


@transaction.atomic
def block(staff_id: int, *, by: Actor, now: datetime) -> int:
    """How many open tickets are nobody's again, in the queues where they stand. Raises `people.Refused`."""
    held = Ticket.objects.filter(assignee_id=staff_id, is_spam=False).exclude(status__in=DONE)
    tickets = list(held.select_for_update(of=("self",)).order_by("id").values_list("pk", flat=True))
    people.block(staff_id, released=len(tickets), by=by.key, now=now)
    Ticket.objects.filter(pk__in=tickets).update(assignee=None, version=F("version") + 1, updated_at=now)
    changes = (AssigneeChanged(ticket_id=ticket, before=staff_id, after=None) for ticket in tickets)
    outbox.record(*changes, by=by.key, now=now)
    return len(tickets)
