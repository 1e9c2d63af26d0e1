"""`Test now` for the relay: as far as a letter goes without one being sent, or with one to a chosen address."""

import smtplib
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from channels_app.drivers.email import hand_over, signed
from channels_app.drivers.relay import Relay, connected
from channels_app.imap_client import connection_trouble
from channels_app.models import Channel
from channels_app.probes.within import SECONDS, STEP_SECONDS, within
from tickets.contracts import Address, OutboundMessage, SendReceipt, SendStatus

LETTER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class RelaySeen:
    """`trouble` is "" when all is well; `code` is the number of the server's answer where it gave one."""

    trouble: str = ""
    code: int = 0


def look_at_relay(relay: Relay, *, recipient: str = "", seconds: float = SECONDS) -> RelaySeen:
    """Greeting, TLS, sign-in, sender and recipient; then it leaves without a letter."""
    sender = our_address()
    try:
        return within(seconds, lambda: _look(relay, sender, recipient or sender))
    except Exception as error:
        return seen_of(error)


def send_test_letter(relay: Relay, *, recipient: str, now: datetime, seconds: float = LETTER_SECONDS) -> RelaySeen:
    """One signed letter in the language of whoever asks."""
    sender = our_address()
    if not sender:
        return RelaySeen("no_mailbox")
    seen = look_at_relay(relay, recipient=recipient)
    if seen.trouble:
        return seen
    letter = OutboundMessage(
        message_id=f"{uuid.uuid4().hex}@{sender.rpartition('@')[2]}",
        sender=Address(sender),
        recipient=Address(recipient),
        reply_to="",
        date=now,
        subject=_("Test letter of the helpdesk"),
        text=_("If you read this, the desk's mail reaches you."),
    )
    try:
        content = signed(letter)
        receipt = within(seconds, lambda: hand_over(relay, content, sender, recipient, lambda: True))
    except Exception as error:
        return seen_of(error)
    return _seen_of(receipt)


def our_address() -> str:
    """Whom test letters come from: the first open mailbox; "" if there is none."""
    addresses = Channel.objects.filter(is_active=True, driver="email").order_by("id").values_list("address", flat=True)
    return addresses.first() or ""


def _look(relay: Relay, sender: str, recipient: str) -> RelaySeen:
    with connected(relay, timeout=STEP_SECONDS) as smtp:
        if sender:
            code, _words = smtp.mail(sender)
            if code != 250:
                return RelaySeen("sender_refused", code)
            code, _words = smtp.rcpt(recipient)
            if code not in (250, 251):
                return RelaySeen("recipient_refused", code)
            smtp.docmd("RSET")
        smtp.docmd("QUIT")
    return RelaySeen()


def seen_of(error: BaseException) -> RelaySeen:
    """A code from a closed list; of what the other server said only its number is passed on."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return RelaySeen("login_refused", error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            return RelaySeen("no_starttls" if "STARTTLS" in str(error) else "no_login_offered")
        case smtplib.SMTPResponseException():
            return RelaySeen("greeting_refused", error.smtp_code) if error.smtp_code > 0 else RelaySeen("not_smtp")
        case smtplib.SMTPServerDisconnected():
            cause = error.__context__
            return RelaySeen("timeout" if isinstance(cause, TimeoutError) else "disconnected")
        case smtplib.SMTPException():
            return RelaySeen("no_login_offered")  # no way to sign in that both know
        case ssl.SSLError() | OSError():
            return RelaySeen(connection_trouble(error))
        case _:
            return RelaySeen("broken")


def _seen_of(receipt: SendReceipt) -> RelaySeen:
    if receipt.status == SendStatus.SENT:
        return RelaySeen()
    return RelaySeen("letter_refused", int(receipt.code)) if receipt.code.isdecimal() else RelaySeen(receipt.code)
