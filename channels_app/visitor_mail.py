"""Letters to visitors: the link that completes a request, the code that opens its page. Fixed words of ours only.

A secret is made when its letter is built and stands nowhere else; a letter that has to be tried again has a new one.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from channels_app import visits, web_form
from channels_app.drivers.driver import Stopped
from channels_app.drivers.registry import DRIVERS
from channels_app.drivers.relay import connections_kept
from channels_app.queries import front_door
from core.clock import now as read_clock
from events.registry import GiveUp, Retry, Subscriber, Unknown, Work
from tickets.contracts import Address, OutboundMessage, SendStatus
from tickets.numbers import pretty


def send_link(work: Work) -> None:
    now = read_clock()
    made = web_form.new_token(work.payload["held_id"], now=now)
    if made is not None:
        token, held = made
        link = f"{settings.SITE_URL}{reverse('request_link', args=[token])}"
        _send(work, held.email, held.language, template="request_link", said={"link": link}, now=now)


def send_code(work: Work) -> None:
    now = read_clock()
    made = visits.code_for(work.payload["visit_id"], now=now)
    if made is not None:
        code, visit = made
        said = {"code": code, "number": pretty(visit.number)}
        _send(work, visit.email, visit.language, template="status_code", said=said, now=now)


def _send(work: Work, email: str, language: str, *, template: str, said: Mapping[str, str], now: datetime) -> None:
    ours = front_door().address
    if not ours:
        raise Retry("no mailbox is set up")
    short = "ru" if language.startswith("ru") else "en"
    with translation.override(short):
        subject = _("Finish your request") if template == "request_link" else _("Your code")
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    message = OutboundMessage(
        message_id=f"visitor.{uuid.uuid4().hex}@{host}",
        sender=Address(ours),
        recipient=Address(email),
        reply_to=ours,
        date=now,
        subject=subject,
        text=render_to_string(f"email/{template}.{short}.txt", said),
        language=short,
        is_automatic=True,
    )
    try:
        receipt = DRIVERS["email"].send(message, before_end=lambda: work.begin("data"))
    except Stopped:
        return  # the lease went to somebody else, who records the end
    told = f"{receipt.code} {receipt.detail}".strip()
    match receipt.status:
        case SendStatus.FAILED_TEMPORARILY:
            raise Retry(told)
        case SendStatus.FAILED:
            raise GiveUp(told)
        case SendStatus.UNCERTAIN:
            raise Unknown(told)


_SOON = (timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=3))
LINK = Subscriber(
    name="request_link", handler=send_link, around=connections_kept, repeatable=False, give_up_after=web_form.LINK_LASTS
)
CODE = Subscriber(
    name="status_code",
    handler=send_code,
    around=connections_kept,
    repeatable=False,
    backoff=_SOON,
    give_up_after=visits.CODE_LASTS,
)
