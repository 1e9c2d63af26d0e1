"""Doing what follows from events: claim under a lease, run outside any transaction, record the end.

A delivery is tried at least once. Whatever a process does when it dies, the lease ends and somebody else
goes on; an effect that cannot be repeated and had begun becomes `uncertain` and is shown to a person.
"""

import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from core import prepared
from core.clock import now as read_clock
from events import outbox, registry
from events.models import Delivery, DeliveryState
from events.registry import GiveUp, Retry, Subscriber, Unknown, Work

log = logging.getLogger(__name__)

KEEP_DONE = timedelta(days=7)
TOGETHER = 90  # more of what is done together, which costs little more than one

_CLAIM = """
    WITH due AS (
        SELECT id FROM events_delivery WHERE state = 'pending' AND due_at <= %s {only}
         ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED),
    mine AS (
        UPDATE events_delivery AS delivery
           SET state = 'leased', lease = %s, attempts = attempts + 1, phase = '', leased_until = %s
          FROM due WHERE delivery.id = due.id
     RETURNING delivery.id, due_at, event_id, subscriber, key, attempts)
    SELECT mine.id, subscriber, key, attempts, type, at, data
      FROM mine JOIN events_event AS event ON event.id = event_id
      JOIN events_eventpayload AS payload ON payload.event_id = event.id
     ORDER BY due_at, mine.id"""
_CLAIM_ANY, _CLAIM_OF_ONE = _CLAIM.format(only=""), _CLAIM.format(only="AND subscriber = %s")
_BEGIN = "UPDATE events_delivery SET phase = %s WHERE id = %s AND lease = %s AND state = 'leased'"
_END = """
    UPDATE events_delivery SET state = %s, finished_at = %s, last_error = %s
     WHERE id = %s AND lease = %s AND state = 'leased'"""


def has_work(now: datetime) -> bool:
    return (
        Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now).exists()
        or Delivery.objects.filter(state=DeliveryState.LEASED, leased_until__lt=now).exists()
    )


def hasten(subscriber: str, *, now: datetime) -> None:
    """What waits for its next attempt is tried now: what stood in its way is gone. In the caller's transaction."""
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, subscriber=subscriber, due_at__gt=now)
    if waiting.update(due_at=now):
        outbox.ring("bell deliveries")


def drain(clock: Callable[[], datetime] = read_clock, *, batch: int = 10) -> int:
    """Works until nothing is due. Returns how many deliveries were ended or postponed."""
    recover_leases(now=clock())
    done = 0
    while works := claim(now=clock(), limit=batch):
        by_subscriber: dict[Subscriber, list[Work]] = {}
        for work, subscriber in works:
            by_subscriber.setdefault(subscriber, []).append(work)
        for subscriber, alike in by_subscriber.items():
            if subscriber.together is not None:
                alike += [work for work, _ in claim(now=clock(), limit=TOGETHER, subscriber=subscriber.name)]
            done += len(alike)
            if len(alike) > 1 and _run_together(alike, subscriber, clock=clock):
                continue
            with subscriber.around():
                for work in alike:
                    run(work, subscriber, clock=clock)
    return done


def _run_together(works: list[Work], subscriber: Subscriber, *, clock: Callable[[], datetime]) -> bool:
    """Whether all are done and ended; otherwise nothing of it has happened."""
    if subscriber.together is None:
        return False
    ids, leases = [work.id for work in works], {work.lease for work in works}
    mine = Delivery.objects.filter(pk__in=ids, state=DeliveryState.LEASED, lease__in=leases)
    try:
        with transaction.atomic():
            subscriber.together(works)
            ended = mine.update(state=DeliveryState.DONE, finished_at=clock(), last_error="")
            if ended < len(works):  # somebody else has taken one over
                transaction.set_rollback(True)
    except Exception:
        log.warning("subscriber=%s together=failed", subscriber.name, exc_info=True)
        return False
    return ended == len(works)


def claim(*, now: datetime, limit: int, subscriber: str = "") -> list[tuple[Work, Subscriber]]:
    """What is due longest, of one subscriber if it is named. One query."""
    lease = uuid.uuid4()
    longest = max((s.lease for s in registry.SUBSCRIBERS.values()), default=timedelta(minutes=2))
    only = [subscriber] if subscriber else []
    with connection.cursor() as cursor:
        sql = _CLAIM_OF_ONE if only else _CLAIM_ANY
        prepared.execute(cursor, sql, [now, *only, limit, lease, now + longest])
        return [
            (_work(pk, lease, type, at, json.loads(data), key, attempts), registry.SUBSCRIBERS[name])
            for pk, name, key, attempts, type, at, data in cursor.fetchall()
        ]


def _work_of(row: Delivery, lease: uuid.UUID) -> Work:
    return _work(row.pk, lease, row.event.type, row.event.at, row.event.payload.data, row.key, row.attempts)


def _work(
    pk: int, lease: uuid.UUID, event_type: str, event_at: datetime, payload: dict[str, Any], key: str, attempts: int
) -> Work:
    def begin(phase: str) -> bool:
        """Commits how far we are; false means the lease was lost and nothing may be done."""
        with connection.cursor() as cursor:
            prepared.execute(cursor, _BEGIN, [phase, pk, lease])
            return cursor.rowcount == 1

    return Work(pk, lease, event_type, event_at, payload, key, attempts, begin)


def run(work: Work, subscriber: Subscriber, *, clock: Callable[[], datetime]) -> None:
    try:
        told = subscriber.handler(work)
    except Retry as why:
        if clock() - work.event_at > subscriber.give_up_after:
            _end(work, subscriber, DeliveryState.FAILED, str(why), now=clock())
        else:
            wait = subscriber.backoff[min(work.attempts, len(subscriber.backoff)) - 1]
            _mine(work).update(
                state=DeliveryState.PENDING, due_at=clock() + wait, lease=None, last_error=str(why)[:2000]
            )
    except GiveUp as why:
        _end(work, subscriber, DeliveryState.FAILED, str(why), now=clock())
    except Unknown as why:
        _end(work, subscriber, DeliveryState.UNCERTAIN, str(why), now=clock())
    except Exception as error:
        # A bug must neither lose the work nor stop its neighbours: it is tried again and stays visible.
        log.exception("delivery=%s subscriber=%s broke", work.id, subscriber.name)
        state = DeliveryState.PENDING if work.attempts < 3 else DeliveryState.FAILED
        if state == DeliveryState.FAILED:
            _end(work, subscriber, state, repr(error), now=clock())
        else:
            _mine(work).update(
                state=state, due_at=clock() + timedelta(seconds=30), lease=None, last_error=repr(error)[:2000]
            )
    else:
        _end(work, subscriber, DeliveryState.DONE, "", now=clock(), told=told)


def recover_leases(*, now: datetime) -> int:
    """Takes back what a dead process held. Returns how many."""
    recovered = 0
    expired = Delivery.objects.filter(state=DeliveryState.LEASED, leased_until__lt=now)
    for row in expired.select_related("event__payload")[:100]:
        subscriber = registry.SUBSCRIBERS[row.subscriber]
        assert row.lease is not None
        if row.phase and not subscriber.repeatable:
            _end(
                _work_of(row, row.lease),
                subscriber,
                DeliveryState.UNCERTAIN,
                "the process ended between sending and recording",
                now=now,
            )
        else:
            Delivery.objects.filter(pk=row.pk, lease=row.lease).update(state=DeliveryState.PENDING, lease=None)
        recovered += 1
    return recovered


_DOUBT = """
    UPDATE events_delivery SET state = 'leased', lease = %(lease)s, leased_until = %(now)s
     WHERE state IN ('pending', 'leased') AND subscriber = ANY(%(subscribers)s)
 RETURNING id"""


def doubt_unfinished(*, now: datetime, reason: str) -> int:
    """After a restore: what was not finished when the backup was made may have been since. Returns how many.

    Effects that cannot be repeated end as uncertain, for a person; the others are simply done again.
    """
    lease = uuid.uuid4()
    once = [name for name, subscriber in registry.SUBSCRIBERS.items() if not subscriber.repeatable]
    with connection.cursor() as cursor:
        cursor.execute(_DOUBT, {"lease": lease, "now": now, "subscribers": once})
        ids = [row[0] for row in cursor.fetchall()]
    for row in Delivery.objects.filter(pk__in=ids).select_related("event__payload").order_by("id"):
        _end(_work_of(row, lease), registry.SUBSCRIBERS[row.subscriber], DeliveryState.UNCERTAIN, reason, now=now)
    return len(ids)


def forget_done(*, now: datetime) -> int:
    """Deletes deliveries that were done or taken back more than a week ago; the events stay. Returns how many."""
    ended = (DeliveryState.DONE, DeliveryState.WITHDRAWN)
    return Delivery.objects.filter(state__in=ended, finished_at__lt=now - KEEP_DONE).delete()[0]


def _mine(work: Work) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=work.id, lease=work.lease, state=DeliveryState.LEASED)


def _end(
    work: Work,
    subscriber: Subscriber,
    state: DeliveryState,
    error: str,
    *,
    now: datetime,
    told: Callable[[], None] | None = None,
) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            prepared.execute(cursor, _END, [state.value, now, error[:2000], work.id, work.lease])
            is_mine = cursor.rowcount == 1
        if is_mine and subscriber.on_end is not None:
            subscriber.on_end(work, state, error)
        if told is not None:
            told()
