"""Keeps the books every minute. Each look is bounded however large the desk is; `check_books` recounts everything."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from core.models import Installation
from events import outbox, registry
from events.books import NOTHING, Seen, is_red, is_stale
from events.chain import GENESIS, link_digest
from events.models import Book, Heartbeat

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
BEAT_EVERY = timedelta(seconds=20)
WORK = "work"
FIRST_SECONDS = 15.0  # after a start: what waited for it is taken up first
_due = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    count: int
    oldest_at: datetime | None
    red_since: datetime | None
    checked_at: datetime
    is_stale: bool

    @property
    def is_red(self) -> bool:
        return self.red_since is not None or self.is_stale


def keep(now: datetime) -> None:
    """The relay's chore: asked every second, at work every minute."""
    global _due
    if not _due:
        _due = time.monotonic() + FIRST_SECONDS
    if time.monotonic() >= _due:
        _due = time.monotonic() + EVERY_SECONDS
        record(look(registry.BOOKS, now=now), now=now)


def look(books: Mapping[str, Callable[[datetime], Seen]], *, now: datetime) -> dict[str, Seen]:
    """A book that cannot be opened is left out: it turns red by its age."""
    seen = {}
    for name, ask in books.items():
        try:
            seen[name] = ask(now)
        except Exception:
            log.exception("book=%s could not be opened", name)
    return seen


def record(seen: Mapping[str, Seen], *, now: datetime) -> None:
    before = {book.name: book.red_since for book in Book.objects.all()}
    rows, has_turned = [], False
    for name, found in seen.items():
        was, red = before.get(name), is_red(name, found, now=now)
        has_turned |= bool(was) != red
        if red and not was:
            log.error("book=%s red count=%s", name, found.count)
        elif was and not red:
            log.warning("book=%s green again", name)
        rows.append(
            Book(
                name=name,
                checked_at=now,
                count=found.count,
                oldest_at=found.oldest_at,
                red_since=(was or now) if red else None,
            )
        )
    Book.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["checked_at", "count", "oldest_at", "red_since"],
    )
    if has_turned:
        outbox.ring("nudge desk")


def entries(*, now: datetime) -> list[Entry]:
    """All books as they were last seen. One query of a dozen rows."""
    return [
        Entry(
            name=book.name,
            count=book.count,
            oldest_at=book.oldest_at,
            red_since=book.red_since,
            checked_at=book.checked_at,
            is_stale=is_stale(book.checked_at, now=now),
        )
        for book in Book.objects.order_by("name")
        if book.name in registry.BOOKS
    ]


def red(*, now: datetime) -> list[Entry]:
    return [entry for entry in entries(now=now) if entry.is_red]


# Work goes round: the relay rings, whoever works answers.


def beat(name: str, *, now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def wants_beat(now: datetime) -> bool:
    return not Heartbeat.objects.filter(name=WORK, at__gt=now - BEAT_EVERY).exists()


def work_silent(now: datetime) -> Seen:
    last = Heartbeat.objects.filter(name=WORK).values_list("at", flat=True).first()
    last = last or Installation.objects.values_list("started_at", flat=True).first()
    return Seen(1, last) if last else NOTHING


# The books of this room


_DUE = """
    SELECT count(*), min(due_at) FROM (
        SELECT due_at FROM events_delivery WHERE state = 'pending' AND due_at <= %s
         ORDER BY due_at LIMIT 1000) AS due"""
_OVERRUN = """
    SELECT count(*), min(leased_until) FROM (
        SELECT leased_until FROM events_delivery WHERE state = 'leased' AND leased_until < %s
         ORDER BY leased_until LIMIT 1000) AS overrun"""


def deliveries_due(now: datetime) -> Seen:
    return _counted(_DUE, now)


def leases_overrun(now: datetime) -> Seen:
    return _counted(_OVERRUN, now)


def _counted(statement: str, now: datetime) -> Seen:
    with connection.cursor() as cursor:
        cursor.execute(statement, [now])
        return Seen(*cursor.fetchone())


RECENT = 300
_LINKS = """
    SELECT link.stream, link.sequence, link.type, link.at, link.actor, link.payload_digest, link.digest,
           before.digest, head.sequence, head.head
      FROM (SELECT * FROM events_event ORDER BY id DESC LIMIT %s) AS link
      LEFT JOIN events_event before ON before.stream = link.stream AND before.sequence = link.sequence - 1
      LEFT JOIN events_stream head ON head.key = link.stream"""


def journals_broken(now: datetime, *, recent: int | None = RECENT) -> Seen:
    """Links that do not follow from the one before, and journals whose last link is not their head. `None`: all."""
    broken = 0
    last: dict[str, tuple[int, bytes, int, bytes]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [recent])
        while rows := cursor.fetchmany(5000):
            for stream, sequence, kind, at, actor, told, digest, before, head_sequence, head in rows:
                previous = GENESIS if sequence == 1 else bytes(before or b"")
                expected = link_digest(
                    previous,
                    stream=stream,
                    sequence=sequence,
                    type=kind,
                    at=at,
                    actor=actor,
                    payload_digest=bytes(told),
                )
                broken += expected != bytes(digest)
                if stream not in last or sequence > last[stream][0]:
                    last[stream] = sequence, bytes(digest), head_sequence, bytes(head or b"")
    broken += sum((sequence, digest) != (at_head, head) for sequence, digest, at_head, head in last.values())
    return Seen(broken)
