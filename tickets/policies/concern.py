"""Whom an event concerns: he is told of it (automation/notifications.py)."""


def concern(staff_id: int | None, *, by: int | None) -> int | None:
    """This person, unless he did it himself."""
    return staff_id if staff_id != by else None
