"""Taking the evidence of a ticket away is itself an entry of its journal."""

from datetime import datetime

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_for
from tickets.event_types import EvidencePacked
from tickets.services.refused import Refused

MOST_REASON = 300


@transaction.atomic
def record(number: str, *, reason: str, content: str, by: Actor, now: datetime) -> None:
    """`content` is the SHA-256 of what is taken, hex."""
    if not by.may(Perm.TAKE_EVIDENCE):
        raise NotVisible(number)
    ticket = get_ticket_for(by, number)
    if not reason.strip():
        raise Refused("no_reason")
    packed = EvidencePacked(ticket_id=ticket.pk, reason=reason.strip()[:MOST_REASON], content=content)
    outbox.record(packed, by=by.key, now=now)
