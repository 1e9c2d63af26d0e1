"""The role `mailbox`: takes every mail a demo desk sends and keeps it to be read at /demo/mailbox/."""

import asyncio
import logging
import signal
from email import message_from_bytes
from email.policy import default as modern

from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Q

from core.named import Named
from ops.models import DemoMail

log = logging.getLogger(__name__)


def store(raw: bytes, *, mail_from: str, recipients: list[str]) -> None:
    """One row for each recipient, together."""
    subject = str(message_from_bytes(raw, policy=modern).get("Subject", ""))[:998].replace("\0", "")
    DemoMail.objects.bulk_create(
        DemoMail(mail_from=mail_from[:320], rcpt_to=recipient[:320], subject=subject, raw=raw)
        for recipient in recipients
    )


class Sink:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            await sync_to_async(_store)(envelope)
        except DatabaseError as error:
            log.warning("mailbox=unavailable error=%s", type(error).__name__)
            return "451 4.3.0 the mailbox is away for a moment"
        return "250 2.0.0 kept in the demo mailbox"


def _store(envelope: Envelope) -> None:
    close_old_connections()
    content = envelope.content
    assert isinstance(content, bytes)
    store(content, mail_from=envelope.mail_from or "", recipients=list(envelope.rcpt_tos))


def make_server() -> SMTP:
    return SMTP(Sink(), data_size_limit=settings.MAX_MAIL_BYTES * 2, enable_SMTPUTF8=True, ident="demo mailbox")


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = await loop.create_server(make_server, "127.0.0.1", settings.DEMO_MAILBOX_PORT)
    log.info("mailbox ready port=%s", settings.DEMO_MAILBOX_PORT)
    await told.wait()
    server.close()


def main() -> None:
    """Runs until SIGTERM."""
    asyncio.run(_serve())


def forget_about(person: Named) -> None:
    """Letters of a demo desk to somebody who is erased."""
    about = Q(rcpt_to__in=person.emails) | Q(mail_from__in=person.emails) | Q(subject__iregex=person.pattern)
    DemoMail.objects.filter(about).delete()
