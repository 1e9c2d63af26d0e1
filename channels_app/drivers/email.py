"""Mail out by SMTP, signed, to the relay of EMAIL_URL or, in demo, to the desk's own mailbox."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from channels_app.drivers import letter
from channels_app.drivers.driver import Stopped
from channels_app.mail_keys import SELECTOR, stored_private_key
from channels_app.mail_sign import sign
from tickets.contracts import OutboundMessage, SendReceipt, SendStatus

log = logging.getLogger(__name__)

STEP_SECONDS = 30.0
ANSWER_SECONDS = 60.0  # after the final dot


@dataclass(frozen=True, slots=True)
class Relay:
    host: str
    port: int
    user: str = ""
    password: str = ""
    is_tls: bool = False  # TLS from the first byte
    starts_tls: bool = False

    def __repr__(self) -> str:
        return f"Relay({self.host}:{self.port})"

    @classmethod
    def of_url(cls, url: str) -> "Relay":
        """`smtp://user:password@host:port`, `smtps://…`, `smtp://…?tls=1` for STARTTLS. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("EMAIL_URL must be smtp://host:port or smtps://host:port")
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if is_tls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_tls=is_tls,
            starts_tls=parse_qs(parts.query).get("tls", ["0"])[-1] in ("1", "true", "yes"),
        )


class EmailDriver:
    def send(self, message: OutboundMessage, *, before_end: Callable[[], bool]) -> SendReceipt:
        try:
            content = signed(message)
        except FileNotFoundError:
            return SendReceipt(SendStatus.FAILED, "attachment_missing")
        except ValueError as error:
            return SendReceipt(SendStatus.FAILED, "cannot_build", str(error))
        mailbox = Relay("127.0.0.1", settings.DEMO_MAILBOX_PORT) if settings.DEMO else None
        relay = Relay.of_url(settings.EMAIL_URL) if settings.EMAIL_URL else mailbox
        if relay is None:
            return SendReceipt(SendStatus.FAILED_TEMPORARILY, "no_relay", "EMAIL_URL is not set")
        # A bounce comes to the signed address, so it finds its ticket; an automatic reply has the null return path.
        mail_from = "" if message.is_automatic else message.reply_to or message.sender.email
        receipt = hand_over(relay, content, mail_from, message.recipient.email, before_end)
        if mailbox and mailbox != relay and receipt.status == SendStatus.SENT:
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
    is_ended = False
    try:
        with _connected(relay) as smtp:
            needs_utf8 = not (mail_from + recipient).isascii()
            options = ["SMTPUTF8"] if needs_utf8 and smtp.has_extn("smtputf8") else []
            if needs_utf8 and not options:
                return SendReceipt(SendStatus.FAILED, "no_smtputf8", "the relay takes no address of other scripts")
            if needs_utf8:
                smtp.command_encoding = "utf-8"
            for answer in (smtp.mail(mail_from, options), smtp.rcpt(recipient)):
                if answer[0] not in (250, 251):
                    return _refused(*answer)
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
            receipt = SendReceipt(SendStatus.SENT, str(code), _text(words)) if code == 250 else _refused(code, words)
            smtp.close()  # said all there is to say; a slow answer to QUIT changes nothing
            return receipt
    except smtplib.SMTPResponseException as error:  # at greeting or login: the relay's trouble, not the recipient's
        return SendReceipt(SendStatus.FAILED_TEMPORARILY, str(error.smtp_code), _text(error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        status = SendStatus.UNCERTAIN if is_ended else SendStatus.FAILED_TEMPORARILY
        return SendReceipt(status, _reason(error), str(error)[:500])


class _Connection(smtplib.SMTP):
    """Closes without QUIT when left: a server that hangs there must not turn a clear answer into an exception."""

    def __exit__(self, *args: object) -> None:
        self.close()


class _TLSConnection(smtplib.SMTP_SSL):
    def __exit__(self, *args: object) -> None:
        self.close()


def _connected(relay: Relay) -> smtplib.SMTP:
    smtp = _opened(relay)
    try:
        assert smtp.sock is not None
        # The final dot is written apart from the mail; held back by Nagle it waits 40 ms for a delayed ACK.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if relay.starts_tls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if relay.user:
            smtp.login(relay.user, relay.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _opened(relay: Relay) -> smtplib.SMTP:
    """Left to itself smtplib believes any certificate; SSL_CERT_FILE names an authority of one's own."""
    if relay.is_tls:
        context = ssl.create_default_context()
        return _TLSConnection(relay.host, relay.port, timeout=STEP_SECONDS, context=context)
    return _Connection(relay.host, relay.port, timeout=STEP_SECONDS)


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
