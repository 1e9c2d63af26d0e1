from celery import shared_task

from core.clock import now
from events import bookkeeping, outbox, registry, worker


@shared_task(name="events.deliveries")
def deliveries() -> None:
    worker.drain()


@shared_task(name="events.sweep")
def sweep() -> None:
    """For a relay that hears but does not sweep: rings through the database, as every writer does."""
    moment = now()
    outbox.ring(*(f"bell {bell.name}" for bell in registry.BELLS.values() if bell.has_work(moment)))


@shared_task(name="events.forget_done")
def forget_done() -> None:
    worker.forget_done(now=now())


@shared_task(name="events.heartbeat")
def heartbeat() -> None:
    """Proves that a ring reaches somebody who works."""
    bookkeeping.beat(bookkeeping.WORK, now=now())
