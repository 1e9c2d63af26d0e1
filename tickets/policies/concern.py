"""Whom an event concerns, and why: he is told of it (automation/notifications.py)."""

from collections.abc import Iterable
from enum import StrEnum


class Why(StrEnum):
    ASSIGNED = "assigned"
    WROTE = "wrote"
    NOTED = "noted"
    REPLIED = "replied"  # a colleague, to the customer
    MENTIONED = "mentioned"
    FAILED = "failed"
    ALARM = "alarm"  # leads: somebody pushes, was refused, or broke the glass
    PROVEN = "proven"  # a critical action was confirmed
    TAKEN = "taken"
    FOLLOWED_WROTE = "followed_wrote"
    FOLLOWED_NOTED = "followed_noted"
    FOLLOWED_REPLIED = "followed_replied"
    FOLLOWED_CHANGED = "followed_changed"  # its state or its assignee


def concerned(*reasons: tuple[Why, Iterable[int | None]], by: int | None) -> dict[str, str] | None:
    """Why each person is told, by staff id as the journal writes it; None when it concerns nobody.

    The first reason that fits is the one he is told, and nobody is told of what he did himself.
    """
    tells: dict[str, str] = {}
    for why, people in reasons:
        for staff_id in people:
            if staff_id is not None and staff_id != by:
                tells.setdefault(str(staff_id), why.value)
    return tells or None
