"""What of tickets customers are shown by now: what has left us, and a mark by which a change of it is noticed."""

from datetime import datetime
from hashlib import sha256

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from tickets.enums import Author, Direction, Held
from tickets.models import Message


def shown_to_customers(*, now: datetime) -> QuerySet[Message]:
    """What was said to or by a customer and has left us."""
    held = Q(held__in=(Held.WAITING.value, Held.REFUSED.value))
    machine = Q(direction=Direction.INBOUND.value, author=Author.SYSTEM.value)
    may_be_taken_back = Q(leaves_at__gt=now)
    return Message.objects.filter(withdrawn_at=None).exclude(held | machine).exclude(may_be_taken_back)


def status_before_what_is_coming(*, now: datetime) -> RawSQL:
    """Of a ticket to which an answer was written that may still be taken back: the state before the earliest.

    By hand, for every list asks it of each row and the ORM takes longer to write it than the rows take.
    """
    return RawSQL(
        """(SELECT undo -> 'status' ->> 0 FROM tickets_message AS coming
             WHERE coming.ticket_id = tickets_ticket.id AND leaves_at > %s AND withdrawn_at IS NULL
             ORDER BY leaves_at LIMIT 1)""",
        [now],
    )


def mark_of(status: str, due_at: datetime, promised: object, newest: int = 0) -> str:
    """Changes with what a customer is shown, and says nothing. `newest`: id of the last message; a list shows none.

    `promised` is the nearest time in a list, and how many promises there are and how many have ended at the ticket.
    """
    return sha256(f"{status} {due_at.timestamp()} {promised} {newest}".encode()).hexdigest()[:16]
