"""A clock is its ledger: entries in order, replayed. `due_at` in a table is only the cache of this. Pure.

The calendar so far is 24/7, so working time is time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Entry(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    MET = "met"
    SET_ASIDE = "set_aside"  # ends without being met: the ticket is spam, or went into another
    TAKEN_BACK = "taken_back"  # the last entry that stands never happened, and time ran on as if it had not


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    ASIDE = "aside"


_ENDS = {Entry.MET: ClockState.MET, Entry.SET_ASIDE: ClockState.ASIDE}


@dataclass(frozen=True, slots=True)
class Reading:
    state: ClockState
    used: timedelta
    due_at: datetime | None  # None unless it runs
    met_at: datetime | None = None


def replay(entries: Iterable[tuple[Entry, datetime]], *, target: timedelta, now: datetime) -> Reading:
    """What a clock says. Entries come in the order they were written; repeated ones change nothing."""
    used, running_since = timedelta(0), None
    for entry, at in _standing(entries):
        if entry in {Entry.STARTED, Entry.RESUMED} and running_since is None:
            running_since = at
        elif entry is Entry.PAUSED or entry in _ENDS:
            if running_since is not None:
                used += at - running_since
                running_since = None
            if entry in _ENDS:
                return Reading(_ENDS[entry], used, None, at if entry is Entry.MET else None)
    if running_since is None:
        return Reading(ClockState.PAUSED, used, None)
    due_at = running_since + (target - used)
    return Reading(
        ClockState.LATE if now > due_at else ClockState.RUNNING, used + max(now - running_since, timedelta(0)), due_at
    )


def _standing(entries: Iterable[tuple[Entry, datetime]]) -> list[tuple[Entry, datetime]]:
    standing: list[tuple[Entry, datetime]] = []
    for entry, at in entries:
        if entry is not Entry.TAKEN_BACK:
            standing.append((entry, at))
        elif standing:
            standing.pop()
    return standing
