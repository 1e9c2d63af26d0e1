"""A visitor at the public doors, and the letters that came to him."""

import base64
import email
import email.policy
import json
import re
import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from altcha import ChallengeV1, solve_challenge_v1
from django.test import Client

from channels_app import proof_of_work
from channels_app.models import Channel
from core.clock import now as read_clock
from customers.policies import consent
from events import worker
from tests.cast import MALLORY, SUPPORT
from tests.channels_app.conftest import Sink
from web.public import stamp

FORM = "/request/"
STATUS = "/status/"
NETWORK = "203.0.113.7"  # not this machine: limits by address count


def visitor(*, language: str = "en", network: str = NETWORK) -> Client:
    return Client(headers={"accept-language": language}, REMOTE_ADDR=network)


def door() -> None:
    Channel.objects.create(slug="support", address=SUPPORT, queue_slug="hosting", name="Support")


def stamped(request_id: UUID | None = None, *, ago: timedelta = timedelta(minutes=2)) -> str:
    return stamp.made(request_id or uuid.uuid4(), now=read_clock() - ago)


def solved(mark: str, *, now: datetime | None = None) -> str:
    """What the browser works out for the page of this stamp."""
    read = stamp.read(mark)
    assert read is not None
    task = proof_of_work.challenge(read.request_id, now=now or read_clock())
    challenge = ChallengeV1(task["algorithm"], task["challenge"], task["maxNumber"], task["salt"], task["signature"])
    found = solve_challenge_v1(challenge, max_number=proof_of_work.HARDNESS)
    assert found is not None
    words = {name: task[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": found.number}
    return base64.b64encode(json.dumps(words).encode()).decode()


def form(*, works: bool = True, **more: Any) -> dict[str, Any]:
    """A form filled in whole, and its proof of work unless the browser has no JavaScript."""
    mark = more.pop("stamp", None) or stamped()
    return {
        "stamp": mark,
        "work": solved(mark) if works else "",
        "kind": "incident",
        "subject": "The site answers 502",
        "text": "Since this morning every page",
        "email": MALLORY,
        "consent": consent.VERSION,
    } | more


def mails(sink: Sink, settings: Any, relay: Any, tmp_path: Any) -> list[email.message.EmailMessage]:
    """Lets everything that is due leave, and reads what came."""
    settings.EMAIL_URL = f"smtp://{relay.host}:{relay.port}"
    settings.DATA_DIR = tmp_path
    while worker.drain():
        pass
    return [email.message_from_bytes(content, policy=email.policy.default) for _, _, content in sink.mails]  # type: ignore[misc]


def text_of(mail: email.message.EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mails: list[email.message.EmailMessage]) -> str:
    """Of the newest letter that has one."""
    return next(
        found[1]
        for mail in reversed(mails)
        if (found := re.search(r"https?://[^/\s]+(/request/link/\S+)", text_of(mail)))
    )


def code_in(mails: list[email.message.EmailMessage]) -> str:
    return next(found[1] for mail in reversed(mails) if (found := re.search(r": (\d{6})\s", text_of(mail))))
