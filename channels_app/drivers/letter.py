"""The bytes of one outgoing mail. The same message gives the same bytes, so a repeated one is recognised as itself."""

import hashlib
import re
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from channels_app.mail.nature import LOOP_HEADER
from core import blobs
from tickets.contracts import Address, OutboundMessage

_POLICY = policy.SMTP.clone(cte_type="7bit")  # no relay has to convert it, so no signature breaks on the way
_USABLE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")  # printable ASCII without angle brackets


def build(message: OutboundMessage) -> bytes:
    """Unsigned, with CRLF. Raises FileNotFoundError when an attachment is gone, ValueError for unusable addresses."""
    body = _body(message)
    for number, part in enumerate(each for each in body.walk() if each.is_multipart()):
        part.set_boundary(f"=_{hashlib.sha256(f'{number} {message.message_id}'.encode()).hexdigest()[:40]}")
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(message))
    return head.encode("utf-8") + body.as_bytes(policy=_POLICY)


def _headers(message: OutboundMessage) -> list[tuple[str, str]]:
    headers = [
        ("From", _address(message.sender)),
        ("To", _addresses(message.to or (() if message.cc else (message.recipient,)))),
        ("Cc", _addresses(message.cc)),
        ("Subject", _words(message.subject, "Subject")),
        ("Date", format_datetime(message.date)),
        ("Message-ID", f"<{message.message_id}>"),
        (LOOP_HEADER, "1"),
    ]
    headers = [(name, value) for name, value in headers if value or name == "Subject"]
    if message.reply_to:
        headers.append(("Reply-To", message.reply_to))
    if _USABLE_ID.fullmatch(message.in_reply_to):
        headers.append(("In-Reply-To", f"<{message.in_reply_to}>"))
    if references := [f"<{each}>" for each in message.references if _USABLE_ID.fullmatch(each)]:
        headers.append(("References", "\r\n ".join(references)))
    if message.is_automatic:  # RFC 3834 §5, and the word Exchange understands
        headers += [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]
    return headers


def _body(message: OutboundMessage) -> EmailMessage:
    body = EmailMessage(policy=_POLICY)
    body.set_content(message.text)
    if message.html:
        body.add_alternative(message.html, subtype="html")
        if message.logo:
            *_, html = body.iter_parts()
            html.add_related(message.logo.content, "image", "png", cid=f"<{message.logo.content_id}>")
    for attachment in message.attachments:
        main, _, sub = attachment.content_type.partition("/")
        if main in ("message", "multipart", "") or not sub:  # would be parsed as structure; it is a file to us
            main, sub = "application", "octet-stream"
        body.add_attachment(
            blobs.read(attachment.digest), maintype=main, subtype=sub, filename=" ".join(attachment.filename.split())
        )
    return body


def _addresses(all_of_them: tuple[Address, ...]) -> str:
    return ",\r\n ".join(map(_address, all_of_them))


def _address(address: Address) -> str:
    if not re.fullmatch(r"[^\s<>,;:@]+@[^\s<>,;:@]+", address.email):
        raise ValueError("an address that cannot be written to")
    name = _line(address.name)
    return formataddr((name if name.isascii() else _words(name, "From"), address.email))


def _words(text: str, name: str) -> str:
    line = _line(text)
    if line.isascii() and len(line) < 900:
        return line
    return Header(line, "utf-8", header_name=name, maxlinelen=75).encode(linesep="\r\n")


def _line(text: str) -> str:
    """One line: whatever a writer put into his name or subject, it never becomes a header of ours."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())
