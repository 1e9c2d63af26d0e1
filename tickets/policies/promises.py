"""What has become of a promise, what a reply keeps, what closing ends. Pure; later figures count by it.

A ticket is not done while anything is promised in it: out of the queues nobody would see that it is owed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum


class PromiseState(StrEnum):
    OPEN = "open"
    LATE = "late"  # its time is over and it is still owed
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_LATE = "withdrawn_late"
    WAIVED = "waived"  # the customer needs it no more

    @property
    def is_open(self) -> bool:
        return self in {PromiseState.OPEN, PromiseState.LATE}

    @property
    def is_broken(self) -> bool:
        return self in {PromiseState.LATE, PromiseState.KEPT_LATE, PromiseState.WITHDRAWN_LATE}


def promise_state(
    due_at: datetime,
    *,
    kept_at: datetime | None,
    withdrawn_at: datetime | None,
    by_customer: bool = False,
    now: datetime,
) -> PromiseState:
    """Whatever was not kept by its time is broken, even if it is kept or withdrawn afterwards."""
    if kept_at is not None:
        return PromiseState.KEPT if kept_at <= due_at else PromiseState.KEPT_LATE
    if withdrawn_at is not None:
        if withdrawn_at > due_at:
            return PromiseState.WITHDRAWN_LATE
        return PromiseState.WAIVED if by_customer else PromiseState.WITHDRAWN
    return PromiseState.OPEN if now <= due_at else PromiseState.LATE


def kept_by_reply(
    open_ones: Mapping[str, bool], *, shown: Collection[str] = (), chosen: Collection[str] = ()
) -> frozenset[str]:
    """Which open promises a reply keeps, `open_ones` saying of each whether it is one of an answer.

    Whoever writes decides about each one `shown` to him. Before he has, it is the promise of an answer if there is just
    one of that kind: of two nobody but he knows which was meant, and a deed is not done by writing.
    """
    answers = [one for one, is_answer in open_ones.items() if is_answer]
    at_first = answers if len(answers) == 1 else []
    return frozenset(one for one in open_ones if one in (chosen if one in shown else at_first))


def waived_by_closing(open_ones: Mapping[str, bool], *, said: Collection[str]) -> frozenset[str]:
    """From which open promises a customer who closes his ticket frees us, `open_ones` as above.

    Of an answer he needs none. A deed, such as a refund, is owed to the content as well: only where he says so.
    """
    return frozenset(one for one, is_answer in open_ones.items() if is_answer or one in said)
