"""The calls that somebody of the desk has at this moment: what he does meanwhile is bound to them."""

from django.db.models import Q

from staff.actor import Actor
from tickets.models import Call, Ticket


def in_ticket(ticket: Ticket, *, by: Actor) -> Call | None:
    """His newest call about this ticket that nobody has ended."""
    return Call.objects.filter(staff_id=by.staff_id, ended_at=None, ticket=ticket).order_by("-id").first()


def is_about(account_id: int, *, by: Actor) -> bool:
    """Whether he talks to somebody who speaks of this account."""
    about = Q(account_id=account_id) | Q(ticket__account_id=account_id)
    return Call.objects.filter(about, staff_id=by.staff_id, ended_at=None).exists()
