"""Recording what happened: journal link, durable deliveries and the doorbell, in the caller's transaction."""

from datetime import datetime
from itertools import groupby

from django.db import connection

from events import registry
from events.chain import GENESIS, link_digest, payload_digest
from events.event import DomainEvent
from events.models import Delivery, Event, EventPayload

CHANNEL = "helpdesk"

_LOCK_HEAD = """
    INSERT INTO events_stream (key, sequence, head) VALUES (%s, 0, %s)
    ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key RETURNING id, sequence, head"""
_MOVE_HEAD = "UPDATE events_stream SET sequence = %s, head = %s WHERE id = %s"


def record(*happened: DomainEvent, by: str, now: datetime) -> list[Event]:
    """Appends events to their journals and queues what follows from them.

    `by` is an `Actor.key`. Must run inside the transaction of the change itself; raises RuntimeError otherwise.
    Five statements for any number of events of one stream.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are recorded in the transaction of what they tell")
    rows: list[Event] = []
    told: list[DomainEvent] = []
    for stream, group in groupby(sorted(happened, key=lambda e: e.stream), key=lambda e: e.stream):
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_HEAD, [stream, GENESIS])
            stream_id, sequence, head = cursor.fetchone()
            head = bytes(head)
            for event in group:
                sequence += 1
                digest = payload_digest(event.payload())
                name = type(event).__name__
                head = link_digest(
                    head, stream=stream, sequence=sequence, type=name, at=now, actor=by, payload_digest=digest
                )
                told.append(event)
                rows.append(
                    Event(
                        stream=stream,
                        sequence=sequence,
                        type=name,
                        actor=by,
                        at=now,
                        payload_digest=digest,
                        digest=head,
                    )
                )
            cursor.execute(_MOVE_HEAD, [sequence, head, stream_id])
    Event.objects.bulk_create(rows)
    EventPayload.objects.bulk_create(
        [EventPayload(event=row, data=event.payload()) for row, event in zip(rows, told, strict=True)]
    )
    deliveries = [
        Delivery(event=row, subscriber=name, key=key, due_at=now)
        for row, event in zip(rows, told, strict=True)
        for name in registry.FOLLOWERS.get(row.type, ())
        for key in event.delivery_keys
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
    topics = dict.fromkeys(topic for event in told for topic in event.topics)
    ring(*(["bell deliveries"] if deliveries else []), *(f"nudge {topic}" for topic in topics))
    return rows


def ring(*calls: str) -> None:
    """NOTIFY in the current transaction: the relay hears it at commit, or at its next sweep if it was away."""
    if calls:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, call) FROM unnest(%s) AS call", [CHANNEL, list(calls)])
