"""What a cached level is worth at this moment. Pure."""

from datetime import datetime

from core.trust import Level


def level_now(level: int, until: datetime | None, *, now: datetime) -> Level:
    """The sweep may not have come by yet: a page must not say more than holds."""
    if until is not None and until <= now:
        return min(Level(level), Level.CLAIMED)
    return Level(level)
