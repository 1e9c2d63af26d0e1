"""When the books are red: the pure rule. What a room sees is in its queries, and kept by `bookkeeping`."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found that should not be so, or should not be so for long."""

    count: int
    oldest_at: datetime | None = None


NOTHING = Seen(0)
NEVER_RIGHT = timedelta(0)

PATIENCE: dict[str, timedelta] = {
    # what waits                    how long it may
    "mail_unread":        timedelta(minutes=10),  # accepted and not read yet
    "deliveries_due":     timedelta(minutes=5),
    "leases_overrun":     timedelta(minutes=1),  # whoever held it is dead; the next sweep takes it back
    "levels_overdue":     timedelta(minutes=1),  # swept every second
    "summaries_overdue":  timedelta(minutes=20),  # sent ten minutes after the first mail they stand for
    "work_silent":        timedelta(minutes=3),  # a worker's batch of mail takes a minute, and one may wait behind it
    # what must never be
    "mail_nowhere":       NEVER_RIGHT,
    "tickets_unanswered": NEVER_RIGHT,  # neither a reply nor the reason why not
    "numbers_unknown":    NEVER_RIGHT,
    "journals_broken":    NEVER_RIGHT,
    "counters_off":       NEVER_RIGHT,  # these two are for a full recount only
    "files_missing":      NEVER_RIGHT,
}  # fmt: skip
KEPT_FOR = timedelta(minutes=3)  # a book nobody has looked into for so long is red itself


def is_red(name: str, seen: Seen, *, now: datetime) -> bool:
    if not seen.count:
        return False
    return seen.oldest_at is None or now - seen.oldest_at >= PATIENCE[name]


def is_stale(checked_at: datetime, *, now: datetime) -> bool:
    return now - checked_at > KEPT_FOR
