"""Is the journal what was written? Every link, every payload, every head, every closed day.

Source: docs/adr/0002-events-as-journal-and-outbox.md.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from events.chain import GENESIS, link_digest, payload_digest
from events.erasure import PayloadErased
from events.models import DayDigest

SETTLES_AFTER = timedelta(hours=1)  # no transaction that began on a day is still open then


@dataclass(frozen=True, slots=True)
class Finding:
    """`what`: altered | missing | payload_altered | payload_missing | head | day."""

    stream: str  # "" of a day
    place: str  # sequence number, or the day
    what: str


_WALK = """
    SELECT link.stream, link.sequence, type, at, actor, payload_digest, digest, data::text
      FROM events_event AS link LEFT JOIN events_eventpayload ON event_id = link.id
     ORDER BY link.stream, link.sequence"""
_OF_DAY = """
    SELECT stream, sequence, digest FROM events_event WHERE at >= %s AND at < %s ORDER BY stream, sequence"""


def verify(*, kept_elsewhere: Mapping[date, str] | None = None) -> Iterator[Finding]:
    """Reads the whole journal once, and once more by days. `kept_elsewhere`: digests of days, hex, from outside."""
    with transaction.atomic():
        yield from _links()
        yield from _days(kept_elsewhere or {})


def _links() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, sequence, head FROM events_stream WHERE sequence > 0")
        heads = {key: (sequence, bytes(head)) for key, sequence, head in cursor.fetchall()}
    walk = _Walk("")
    for stream, sequence, kind, at, actor, told, digest, data in _rows(_WALK):
        if stream != walk.stream:
            yield from walk.end(heads)
            walk = _Walk(stream)
        yield from walk.step(sequence, kind, at, actor, bytes(told), bytes(digest), data)
    yield from walk.end(heads)
    for stream in heads:
        yield Finding(stream, "1", "missing")


class _Walk:
    """One stream, link by link. What follows a break is judged from the break on, so that one fault is one finding."""

    def __init__(self, stream: str) -> None:
        self.stream, self.previous, self.last = stream, GENESIS, 0
        self.bare: set[int] = set()  # links whose payload is gone
        self.erased: set[int] = set()

    def step(
        self, sequence: int, kind: str, at: datetime, actor: str, told: bytes, digest: bytes, data: str | None
    ) -> Iterator[Finding]:
        expected = link_digest(
            self.previous, stream=self.stream, sequence=sequence, type=kind, at=at, actor=actor, payload_digest=told
        )
        if sequence != self.last + 1:
            yield Finding(self.stream, str(self.last + 1), "missing")
        elif digest != expected:
            yield Finding(self.stream, str(sequence), "altered")
        if data is None:
            self.bare.add(sequence)
        elif payload_digest(payload := json.loads(data)) != told:
            yield Finding(self.stream, str(sequence), "payload_altered")
        elif kind == PayloadErased.__name__:
            self.erased |= set(payload["sequences"])
        self.previous, self.last = digest, sequence

    def end(self, heads: dict[str, tuple[int, bytes]]) -> Iterator[Finding]:
        """`heads` loses the one of this stream."""
        if not self.stream:
            return
        for sequence in sorted(self.bare - self.erased):
            yield Finding(self.stream, str(sequence), "payload_missing")
        if heads.pop(self.stream, None) != (self.last, self.previous):
            yield Finding(self.stream, str(self.last), "head")


def _days(kept_elsewhere: Mapping[date, str]) -> Iterator[Finding]:
    previous = GENESIS
    known = {}
    for row in DayDigest.objects.order_by("day"):
        digest, count = digest_of(row.day, previous)
        if (digest, count) != (bytes(row.digest), row.events):
            yield Finding("", row.day.isoformat(), "day")
        previous = bytes(row.digest)
        known[row.day] = previous.hex()
    for day, kept in sorted(kept_elsewhere.items()):
        if known.get(day) != kept:
            yield Finding("", day.isoformat(), "day")


def digest_of(day: date, previous: bytes) -> tuple[bytes, int]:
    """Of all links of one day (UTC), after the digest of the day before it, and how many they are."""
    begins = datetime.combine(day, datetime.min.time(), UTC)
    summed, count = hashlib.sha256(previous + day.isoformat().encode()), 0
    for stream, sequence, digest in _rows(_OF_DAY, begins, begins + timedelta(days=1)):
        summed.update(f"\n{stream}\n{sequence}\n".encode() + bytes(digest))
        count += 1
    return summed.digest(), count


def _rows(query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(5000):
            yield from rows


@transaction.atomic
def close_days(now: datetime) -> list[DayDigest]:
    """Those days that are over and have no digest yet, the oldest first; at most a month at once."""
    last = DayDigest.objects.order_by("-day").first()
    day = last.day + timedelta(days=1) if last else _first_day()
    previous = bytes(last.digest) if last else GENESIS
    closed: list[DayDigest] = []
    while day is not None and day < (now - SETTLES_AFTER).astimezone(UTC).date() and len(closed) < 31:
        digest, count = digest_of(day, previous)
        closed.append(DayDigest(day=day, events=count, digest=digest, made_at=now))
        day, previous = day + timedelta(days=1), digest
    return DayDigest.objects.bulk_create(closed)


def _first_day() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(at) FROM events_event")
        (first,) = cursor.fetchone()
    return first.astimezone(UTC).date() if first else None
