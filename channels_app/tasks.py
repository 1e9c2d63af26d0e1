from celery import shared_task

from channels_app import filing


@shared_task(name="channels_app.mail_in")
def mail_in() -> None:
    filing.process_batch()
