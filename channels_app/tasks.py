from celery import shared_task

from channels_app import filing
from core import limits
from core.clock import now as read_clock
from users import app_codes, passkeys, sessions


@shared_task(name="channels_app.mail_in")
def mail_in() -> None:
    filing.process_batch()


@shared_task(name="channels_app.forget_ended")
def forget_ended() -> None:
    """Counts of limits, sessions and questions to passkeys that have run out."""
    now = read_clock()
    limits.forget(now)
    sessions.forget_ended(now)
    passkeys.forget_questions(now)
    app_codes.forget(now)
