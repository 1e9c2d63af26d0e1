from celery import shared_task

from channels_app import filing, refusals
from core.clock import now


@shared_task(name="channels_app.mail_in")
def mail_in() -> None:
    filing.process_batch()


@shared_task(name="channels_app.forget_turned_away")
def forget_turned_away() -> None:
    refusals.forget(now=now())
