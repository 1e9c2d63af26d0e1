"""What of a conversation a mailed code opens."""

from tickets.queries.customer import CustomerItem, CustomerTicket

_SIGNED_IN = frozenset({"panel_may_ask", "panel_may_authorise", "api_may_ask", "api_may_authorise"})


def opened_to_vouched(ticket: CustomerTicket) -> tuple[CustomerItem, ...]:
    """Our words and what was written by mail, form or code. What was written behind a sign-in stays behind it."""
    return tuple(item for item in ticket.items if item.kind == "message" and not _SIGNED_IN & set(item.reasons))
