"""Who gets the letters of a ticket no more, and who does after all."""

from datetime import datetime

from django.db import transaction

from events import outbox
from staff.actor import Actor
from tickets.access import get_ticket_to_work
from tickets.event_types import RecipientAdded, RecipientDropped
from tickets.models import Participant
from tickets.services.intake import touch
from tickets.services.refused import Refused


def drop(ticket_number: str, participant_id: int, *, by: Actor, now: datetime) -> Participant:
    """For good: he is not offered again, and what he writes is held as any other sender's. Whoever asks stays."""
    return _put(ticket_number, participant_id, dropped_at=now, by=by, now=now)


def take_back(ticket_number: str, participant_id: int, *, by: Actor, now: datetime) -> Participant:
    return _put(ticket_number, participant_id, dropped_at=None, by=by, now=now)


@transaction.atomic
def _put(
    ticket_number: str, participant_id: int, *, dropped_at: datetime | None, by: Actor, now: datetime
) -> Participant:
    ticket = get_ticket_to_work(by, ticket_number)
    person = Participant.objects.filter(ticket=ticket, pk=participant_id).first()
    if person is None:
        raise Refused("no_such_recipient")
    if person.is_requester:
        raise Refused("drop_requester")
    if (person.dropped_at is None) == (dropped_at is None):
        return person
    person.dropped_at = dropped_at
    person.save(update_fields=["dropped_at"])
    touch(ticket, now=now)
    event = RecipientDropped if dropped_at else RecipientAdded
    outbox.record(event(ticket_id=ticket.pk, participant_id=person.pk), by=by.key, now=now)
    return person
