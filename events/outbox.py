"""Recording what happened: journal link, durable deliveries and the doorbell, in the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Model
from psycopg2 import Binary

from core import inserting, prepared
from events import registry
from events.chain import GENESIS, link_digest, payload_digest
from events.event import DomainEvent
from events.models import Delivery, DeliveryState, Event, EventPayload, Stream

CHANNEL = "helpdesk"
EVENT_IDS = "events_event_id_seq"

Head = tuple[int, bytes]

# Heads are locked in the order of their keys, so that no two writers wait for each other crosswise.
_LOCK_HEADS = """
    WITH heads AS (
        INSERT INTO events_stream (key, sequence, head)
        SELECT key, 0, %s::bytea FROM unnest(%s::text[]) AS key ORDER BY key
        ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key RETURNING key, sequence, head)
    SELECT key, sequence, head,
        ARRAY(SELECT nextval('events_event_id_seq') FROM generate_series(1, %s::int)) FROM heads"""
_MOVE_HEADS = """
    UPDATE events_stream AS stream SET sequence = moved.sequence, head = moved.head
      FROM unnest(%s::text[], %s::bigint[], %s::bytea[]) AS moved (key, sequence, head)
     WHERE stream.key = moved.key"""
_RING = "SELECT pg_notify(%s, call) FROM unnest(%s::text[]) AS call"


def record(*happened: DomainEvent, by: str, now: datetime) -> list[Event]:
    """Appends events to their journals and queues what follows from them.

    `by` is an `Actor.key`. Must run inside the transaction of the change itself; raises RuntimeError otherwise.
    Two statements for any number of events.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are recorded in the transaction of what they tell")
    if not happened:
        return []
    streams = sorted({event.stream for event in happened})
    heads: dict[str, Head] = {}
    ids: list[int] = []
    with connection.cursor() as cursor:
        prepared.execute(cursor, _LOCK_HEADS, [GENESIS, streams, len(happened)])
        for stream, sequence, head, taken in cursor.fetchall():
            heads[stream] = sequence, bytes(head)
            ids = taken  # the same in every row
    begun = {stream for stream, (sequence, _) in heads.items() if sequence == 0}
    events, followed, calls = _links(happened, ids, heads, begun, by=by, now=now)
    moved = (
        streams,
        [heads[stream][0] for stream in streams],
        [Binary(heads[stream][1]) for stream in streams],
    )
    inserting.write([*events, *followed], also=[(_MOVE_HEADS, moved)], then=(_RING, (CHANNEL, calls)))
    return events


def begin(
    rows: Sequence[Model], happened: Sequence[DomainEvent], *, ids: Sequence[int], by: str, now: datetime
) -> None:
    """Writes new rows and the first events of their streams in one statement: what is not there yet needs no lock.

    `ids` come from the sequence `EVENT_IDS`, one an event. Raises IntegrityError where a stream has begun before.
    """
    heads: dict[str, Head] = dict.fromkeys((event.stream for event in happened), (0, GENESIS))
    events, followed, calls = _links(happened, ids, heads, set(heads), by=by, now=now)
    streams = [Stream(key=key, sequence=sequence, head=head) for key, (sequence, head) in heads.items()]
    inserting.write([*rows, *streams, *events, *followed], then=(_RING, (CHANNEL, calls)))


def _links(
    happened: Sequence[DomainEvent],
    ids: Sequence[int],
    heads: dict[str, Head],
    begun: Collection[str],
    *,
    by: str,
    now: datetime,
) -> tuple[list[Event], list[Model], list[str]]:
    """The next links of their streams, whose heads move; payloads and deliveries; the calls that must be rung."""
    rows, told = [], [event.payload() for event in happened]
    for event, payload, pk in zip(happened, told, ids, strict=True):
        sequence, head = heads[event.stream]
        name, said = type(event).__name__, payload_digest(payload)
        digest = link_digest(
            head, stream=event.stream, sequence=sequence + 1, type=name, at=now, actor=by, payload_digest=said
        )
        heads[event.stream] = sequence + 1, digest
        rows.append(
            Event(
                pk=pk,
                stream=event.stream,
                sequence=sequence + 1,
                type=name,
                actor=by,
                at=now,
                payload_digest=said,
                digest=digest,
            )
        )
    payloads = [EventPayload(event=row, data=payload) for row, payload in zip(rows, told, strict=True)]
    deliveries = [
        Delivery(event=row, subscriber=name, key=key, due_at=now + event.waits, created_at=now)
        for row, event in zip(rows, happened, strict=True)
        for name in registry.FOLLOWERS.get(row.type, ())
        for key in event.delivery_keys
    ]
    # Nobody can be looking at what has only just begun.
    topics = dict.fromkeys(topic for event in happened for topic in event.topics if topic not in begun)
    calls = [*(["bell deliveries"] if deliveries else []), *(f"nudge {topic}" for topic in topics)]
    return rows, [*payloads, *deliveries], calls


def take_back(event_type: type[DomainEvent], keys: Collection[str], *, now: datetime) -> int:
    """How many of these effects no worker had yet; they will not happen. One conditional UPDATE decides.

    The caller rolls back unless it got all that it asked for.
    """
    untouched = Delivery.objects.filter(
        subscriber__in=registry.FOLLOWERS.get(event_type.__name__, ()),
        key__in=keys,
        state=DeliveryState.PENDING,
        attempts=0,
    )
    return untouched.update(state=DeliveryState.WITHDRAWN, finished_at=now)


def ring(*calls: str) -> None:
    """NOTIFY in the current transaction: the relay hears it at commit, or at its next sweep if it was away."""
    if calls:
        with connection.cursor() as cursor:
            prepared.execute(cursor, _RING, [CHANNEL, list(calls)])
