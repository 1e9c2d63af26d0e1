"""Days and times as people type them and as browsers send them: 25.11.2026 or 2026-11-25, with 18:00 behind it."""

import re
from datetime import date, datetime, time

_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)


def day_in(typed: str) -> date | None:
    """None for what is no day."""
    typed = typed.strip()
    if found := _YEAR_FIRST.fullmatch(typed):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(typed):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def time_in(typed: str) -> time | None:
    """To the minute. None for what no clock shows."""
    found = _CLOCK.fullmatch(typed.strip())
    try:
        return time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def moment_in(typed: str) -> datetime | None:
    """A day and a time, of whichever zone the reader is in. None if either is lacking or is none."""
    day, _, clock = re.sub(r"[T,\s]+", " ", typed.strip()).partition(" ")
    on, at = day_in(day), time_in(clock)
    return datetime.combine(on, at) if on and at is not None else None
