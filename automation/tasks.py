from celery import shared_task

from automation import notifications
from core.clock import now


@shared_task(name="automation.forget_told")
def forget_told() -> None:
    notifications.forget(now=now())
