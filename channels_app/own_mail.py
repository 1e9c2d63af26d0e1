"""Letters that belong to no ticket: to colleagues, and to people on file. From the first mailbox, automatic."""

from datetime import datetime
from typing import Protocol

from channels_app.drivers.registry import DRIVERS
from channels_app.models import Channel
from events.registry import GiveUp, Retry, Unknown, Work
from tickets.contracts import Address, OutboundMessage, SendStatus


class OwnLetter(Protocol):
    @property
    def mail_id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...


def send(letter: OwnLetter, *, to_name: str, work: Work) -> None:
    """Returns once it is sent; raises what the worker knows otherwise."""
    channel = Channel.objects.filter(driver="email", is_active=True).order_by("id").first()
    if channel is None:
        raise Retry("no mailbox is set up")
    message = OutboundMessage(
        message_id=letter.mail_id,
        sender=Address(channel.address),
        recipient=Address(letter.email, to_name),
        reply_to=channel.address,
        date=letter.created_at,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        is_automatic=True,
        channel=channel.slug,
    )
    receipt = DRIVERS["email"].send(message, before_end=lambda: work.begin("data"))
    told = f"{receipt.code} {receipt.detail}".strip()
    match receipt.status:
        case SendStatus.FAILED_TEMPORARILY:
            raise Retry(told)
        case SendStatus.FAILED:
            raise GiveUp(told)
        case SendStatus.UNCERTAIN:
            raise Unknown(told)
