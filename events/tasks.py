from celery import shared_task

from events import worker


@shared_task(name="events.deliveries")
def deliveries() -> None:
    worker.drain()
