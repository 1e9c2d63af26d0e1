from celery import shared_task

from channels_app import filing, refusals, visits, web_form
from core import limits
from core.clock import now as read_clock
from users import passkeys, sessions


@shared_task(name="channels_app.mail_in")
def mail_in() -> None:
    filing.process_batch()


@shared_task(name="channels_app.forget_turned_away")
def forget_turned_away() -> None:
    refusals.forget(now=read_clock())


@shared_task(name="channels_app.forget_visitors")
def forget_visitors() -> None:
    """Visits, held requests, counts of limits, sessions and questions to passkeys that have run out."""
    now = read_clock()
    visits.forget(now)
    web_form.forget(now)
    limits.forget(now)
    sessions.forget_ended(now)
    passkeys.forget_questions(now)
