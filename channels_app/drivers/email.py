"""Mail out by SMTP, signed, to the relay that is set up or, in demo, to the desk's own mailbox."""

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings

from channels_app import way_out
from channels_app.drivers import letter
from channels_app.drivers.driver import Stopped
from channels_app.drivers.relay import Relay, connected, keep, left_by_the_last_letter
from channels_app.mail_keys import SELECTOR, stored_private_key
from channels_app.mail_sign import sign
from tickets.contracts import OutboundMessage, SendReceipt, SendStatus

log = logging.getLogger(__name__)

STEP_SECONDS = 30.0
ANSWER_SECONDS = 60.0  # after the final dot


class EmailDriver:
    def send(self, message: OutboundMessage, *, before_end: Callable[[], bool]) -> SendReceipt:
        try:
            content = signed(message)
        except FileNotFoundError:
            return SendReceipt(SendStatus.FAILED, "attachment_missing")
        except ValueError as error:
            return SendReceipt(SendStatus.FAILED, "cannot_build", str(error))
        way = way_out.in_force()
        if way.relay is None:
            return SendReceipt(SendStatus.FAILED_TEMPORARILY, way.trouble)
        # A bounce comes to the signed address, so it finds its ticket; an automatic reply has the null return path.
        mail_from = "" if message.is_automatic else message.reply_to or message.sender.email
        receipt = hand_over(way.relay, content, mail_from, message.recipient.email, before_end)
        mailbox = way_out.demo_mailbox()
        if mailbox and mailbox != way.relay and receipt.status == SendStatus.SENT:
            copy = hand_over(mailbox, content, mail_from, message.recipient.email, lambda: True)
            if copy.status != SendStatus.SENT:
                log.warning("demo mailbox copy=%s code=%s", copy.status, copy.code)
        return receipt


def signed(message: OutboundMessage) -> bytes:
    domain = message.sender.domain
    key = stored_private_key(settings.DATA_DIR, domain)
    return sign(letter.build(message), domain=domain, selector=SELECTOR, private_key_pem=key, at=message.date)


def hand_over(
    relay: Relay, content: bytes, mail_from: str, recipient: str, before_end: Callable[[], bool]
) -> SendReceipt:
    """One SMTP dialogue. Only silence after the final dot is uncertain."""
    is_ended, smtp = False, None
    try:
        smtp, refusal = _addressed(relay, mail_from, recipient)
        if refusal:
            return refusal
        answer = smtp.docmd("DATA")
        if answer[0] != 354:
            return _refused(*answer)
        smtp.send(_dotted(content))
        if not before_end():
            raise Stopped
        assert smtp.sock is not None
        smtp.sock.settimeout(ANSWER_SECONDS)
        is_ended = True
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
        if code != 250:
            return _refused(code, words)
        smtp.sock.settimeout(STEP_SECONDS)
        keep(relay, smtp)
        smtp = None
        return SendReceipt(SendStatus.SENT, str(code), _text(words))
    except smtplib.SMTPResponseException as error:  # at greeting or login: the relay's trouble, not the recipient's
        return SendReceipt(SendStatus.FAILED_TEMPORARILY, str(error.smtp_code), _text(error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        status = SendStatus.UNCERTAIN if is_ended else SendStatus.FAILED_TEMPORARILY
        return SendReceipt(status, _reason(error), str(error)[:500])
    finally:
        if smtp is not None:
            smtp.close()  # without QUIT: a server that hangs there must not turn a clear answer into an exception


def _addressed(relay: Relay, mail_from: str, recipient: str) -> tuple[smtplib.SMTP, SendReceipt | None]:
    """A connection that was told sender and recipient, and its refusal if it is one.

    Of one that the last letter left only a yes is believed: servers end what idles, or has sent its share.
    """
    if last := left_by_the_last_letter(relay):
        with suppress(smtplib.SMTPException, OSError):
            if _refusal_of(last, mail_from, recipient) is None:
                return last, None
        last.close()
    fresh = connected(relay, timeout=STEP_SECONDS)
    try:
        return fresh, _refusal_of(fresh, mail_from, recipient)
    except BaseException:
        fresh.close()
        raise


def _refusal_of(smtp: smtplib.SMTP, mail_from: str, recipient: str) -> SendReceipt | None:
    needs_utf8 = not (mail_from + recipient).isascii()
    options = ["SMTPUTF8"] if needs_utf8 and smtp.has_extn("smtputf8") else []
    if needs_utf8 and not options:
        return SendReceipt(SendStatus.FAILED, "no_smtputf8", "the relay takes no address of other scripts")
    smtp.command_encoding = "utf-8" if needs_utf8 else "ascii"
    for answer in (smtp.mail(mail_from, options), smtp.rcpt(recipient)):
        if answer[0] not in (250, 251):
            return _refused(*answer)
    return None


def _refused(code: int, words: bytes | str) -> SendReceipt:
    """A 5xx is for good. So is nothing else: a relay that talks nonsense may have a better day."""
    status = SendStatus.FAILED if 500 <= code <= 599 else SendStatus.FAILED_TEMPORARILY
    return SendReceipt(status, str(code), _text(words))


def _text(words: bytes | str) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else words).replace("\x00", "")[:500]


def _reason(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return "certificate"
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "connection_refused"
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            return "disconnected"
        case _:
            return "no_connection"


def _dotted(content: bytes) -> bytes:
    """With line ends of the wire and its dots doubled (RFC 5321 §4.5.2), ending in CRLF."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return (b"." + lines if lines.startswith(b".") else lines).replace(b"\r\n.", b"\r\n..")
