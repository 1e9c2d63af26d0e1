"""Who follows which event, and which bells the relay rings. Filled once, from helpdesk/subscriptions.py."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.books import Seen


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed delivery, as its handler sees it. `begin` commits a phase before what cannot be repeated."""

    id: int
    lease: UUID
    event_type: str
    event_at: datetime
    payload: dict[str, Any]
    key: str
    attempts: int
    begin: Callable[[str], bool]

    @property
    def once(self) -> str:
        """The same at each attempt and never that of another work, not even after a restore."""
        return f"{self.id} {self.event_at.isoformat()}"


class Retry(Exception):
    """Not now: try again after the subscriber's next back-off."""


class GiveUp(Exception):
    """Never again by itself: a person must look."""


class Unknown(Exception):
    """It may or may not have happened; repeating could do it twice."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`handler` runs outside any transaction, at least once, and is idempotent by (event, key)
    unless `repeatable` is false: then a lease that ends after `begin` leaves the delivery uncertain.
    What it returns is called in the transaction that records the end, for it happened whoever records it.

    `together` does many at once in one transaction with their end, where all is rows of ours; what fails there is
    handled one by one. `around` holds what several done one after another may share."""

    name: str
    handler: Callable[[Work], Callable[[], None] | None]
    together: Callable[[list[Work]], None] | None = None
    around: Callable[[], AbstractContextManager[None]] = nullcontext
    on_end: Callable[[Work, str, str], None] | None = None  # (work, state, error) after the end state is recorded
    repeatable: bool = True
    lease: timedelta = timedelta(seconds=120)
    backoff: tuple[timedelta, ...] = (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
    )
    give_up_after: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Bell:
    """A doorbell: `task` is the Celery task that claims the work, `has_work` one cheap indexed question."""

    name: str
    task: str
    has_work: Callable[[datetime], bool]


Counted = dict[str, int]  # key -> how many


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table by id: the newest, the last before which none changes any more, what stands in between."""

    newest: Callable[[], int]
    settled: Callable[[], int]
    count: Callable[[int, int], Counted]  # after, up to


SUBSCRIBERS: dict[str, Subscriber] = {}
FOLLOWERS: dict[str, tuple[str, ...]] = {}  # event type -> names of subscribers
BELLS: dict[str, Bell] = {}
BOOKS: dict[str, Callable[[datetime], Seen]] = {}  # what is asked every minute, see events/books.py
TALLIES: dict[str, Source] = {}  # what is counted for monitoring, see events/tally.py
CHORES: list[Callable[[datetime], None]] = []  # small periodic work of the relay itself, each under a second


def subscribe(event_type: type, *subscribers: Subscriber) -> None:
    for subscriber in subscribers:
        SUBSCRIBERS[subscriber.name] = subscriber
    FOLLOWERS[event_type.__name__] = tuple(subscriber.name for subscriber in subscribers)


def add_bell(bell: Bell) -> None:
    BELLS[bell.name] = bell


def add_book(name: str, look: Callable[[datetime], Seen]) -> None:
    BOOKS[name] = look


def add_tally(name: str, source: Source) -> None:
    TALLIES[name] = source


def add_chore(chore: Callable[[datetime], None]) -> None:
    if chore not in CHORES:
        CHORES.append(chore)
