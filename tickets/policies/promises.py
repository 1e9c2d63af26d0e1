"""What has become of a promise. Pure; later figures count by it."""

from datetime import datetime
from enum import StrEnum


class PromiseState(StrEnum):
    OPEN = "open"
    LATE = "late"  # its time is over and it is still owed
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_LATE = "withdrawn_late"

    @property
    def is_open(self) -> bool:
        return self in {PromiseState.OPEN, PromiseState.LATE}

    @property
    def is_broken(self) -> bool:
        return self in {PromiseState.LATE, PromiseState.KEPT_LATE, PromiseState.WITHDRAWN_LATE}


def promise_state(
    due_at: datetime, *, kept_at: datetime | None, withdrawn_at: datetime | None, now: datetime
) -> PromiseState:
    """Whatever was not kept by its time is broken, even if it is kept or withdrawn afterwards."""
    if kept_at is not None:
        return PromiseState.KEPT if kept_at <= due_at else PromiseState.KEPT_LATE
    if withdrawn_at is not None:
        return PromiseState.WITHDRAWN if withdrawn_at <= due_at else PromiseState.WITHDRAWN_LATE
    return PromiseState.OPEN if now <= due_at else PromiseState.LATE
