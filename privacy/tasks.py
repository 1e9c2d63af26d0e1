from celery import shared_task

from core.clock import now
from privacy import retention


@shared_task(name="privacy.destroy_old")
def destroy_old() -> None:
    retention.destroy_old(now())
