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
    UNMET = "unmet"  # the answer that met it was taken back: as if it had never been given


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Reading:
    state: ClockState
    used: timedelta
    due_at: datetime | None  # None while paused or met


def replay(entries: Iterable[tuple[Entry, datetime]], *, target: timedelta, now: datetime) -> Reading:
    """What a clock says. Entries come in the order they were written; repeated ones change nothing."""
    used, met = timedelta(0), False
    running_since: datetime | None = None
    before_met = used, running_since
    for entry, at in entries:
        if entry in {Entry.STARTED, Entry.RESUMED} and running_since is None and not met:
            running_since = at
        elif entry in {Entry.PAUSED, Entry.MET} and not met:
            before_met = used, running_since
            if running_since is not None:
                used += at - running_since
                running_since = None
            met = entry is Entry.MET
        elif entry is Entry.UNMET and met:
            (used, running_since), met = before_met, False
    if met:
        return Reading(ClockState.MET, used, None)
    if running_since is None:
        return Reading(ClockState.PAUSED, used, None)
    due_at = running_since + (target - used)
    return Reading(
        ClockState.LATE if now > due_at else ClockState.RUNNING, used + max(now - running_since, timedelta(0)), due_at
    )
