"""The event with which the journal of a ticket begins."""

from tickets.event_types import TicketOpened
from tickets.models import Ticket


def opened_event(ticket: Ticket) -> TicketOpened:
    return TicketOpened(
        ticket_id=ticket.pk,
        number=ticket.number,
        door=ticket.door,
        level=ticket.level,
        account_id=ticket.account_id,
        contact_id=ticket.contact_id,
    )
