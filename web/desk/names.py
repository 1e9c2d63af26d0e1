"""Names that pages say again and again: read once a minute."""

from django.core.cache import cache

from tickets import queries
from tickets.queries import Person

SECONDS = 60


def people() -> tuple[Person, ...]:
    """Everybody a ticket may be assigned to."""
    return cache.get_or_set("people", lambda: tuple(queries.people()), SECONDS) or ()


def of_staff(staff_id: object) -> str:
    """Empty for somebody who is no longer here, or came within the minute."""
    return next((person.name for person in people() if person.staff_id == staff_id), "")


def of_actor(key: str) -> str:
    """`staff:7` by name; empty for requesters and the machinery."""
    kind, _, number = key.partition(":")
    return of_staff(int(number)) if kind == "staff" and number.isdecimal() else ""
