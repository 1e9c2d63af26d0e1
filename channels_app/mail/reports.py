"""Delivery reports: which addresses failed and which letters of ours came back (RFC 3464 and the text-only kinds)."""

import re

from channels_app.mail import addresses, words
from channels_app.mail.headers import read_block
from channels_app.mail.structure import Part
from tickets.contracts import BouncedRecipient

_MAX_RECIPIENTS = 100
_MAX_TEXT = 200_000
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_MESSAGE_ID_LINE = re.compile(r"^[>\s]{0,4}Message-ID:\s{0,5}<([^<>\s]{1,500})>", re.IGNORECASE | re.MULTILINE)
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]{3,254})>:[ \t]*\r?\n((?:[^\n<].*\n?){0,6})", re.MULTILINE)
_LONELY_RECIPIENT = re.compile(r"^[ \t]{2,}<?([^\s<>]{1,190}@[^\s<>]{1,190}?)>?:?[ \t]*\r?$", re.MULTILINE)
_COPY_BEGINS = re.compile(
    r"^-{2,}.{0,20}(?:below this line is a copy|this is a copy of|(?:original|undelivered|returned) message)",
    re.IGNORECASE | re.MULTILINE,
)


def read_report(part: Part) -> tuple[list[BouncedRecipient], bool]:
    """Failed recipients of a message/delivery-status part, and whether something is only delayed."""
    content, _ = part.payload()
    failed: dict[str, BouncedRecipient] = {}
    is_delayed = False
    position = 0
    for _ in range(_MAX_RECIPIENTS * 2):
        while content[position : position + 1] in (b"\r", b"\n"):
            position += 1
        if position >= len(content):
            break
        fields, following, _ = read_block(content, position, len(content), is_letter=False)
        if following <= position:
            break
        position = following
        action = fields.text("action")
        recipient = _typed(fields.get("final-recipient")) or _typed(fields.get("original-recipient"))
        if action.startswith("delayed"):
            is_delayed = True
        if not recipient or (action and not action.startswith("failed")):
            continue
        address = addresses.normal_form(recipient) or recipient[:254]
        status = _STATUS.search(words.readable(fields.get("status")))
        diagnostic = words.readable(fields.get("diagnostic-code")).removeprefix("smtp;").strip()[:1000]
        if not status:
            status = _STATUS.search(diagnostic)
        failed.setdefault(address, BouncedRecipient(address, status[1] if status else "", diagnostic))
    return list(failed.values())[:_MAX_RECIPIENTS], is_delayed


def returned_id(part: Part) -> str:
    """The Message-ID in a returned letter or its headers (message/rfc822, text/rfc822-headers)."""
    content, _ = part.payload()
    fields, _, _ = read_block(content, 0, len(content), is_letter=True)
    found = re.search(r"<([^<>\s]{1,500})>", words.readable(fields.get("message-id")))
    return found[1] if found else ""


def read_text_bounce(text: str, failed_header: bytes) -> tuple[list[BouncedRecipient], list[str]]:
    """(failed recipients, returned Message-IDs) of a bounce that is plain words: qmail, Exim, old Gmail."""
    text = text[:_MAX_TEXT]
    copy = _COPY_BEGINS.search(text)
    notice = text[: copy.start()] if copy else text[:10_000]
    status = _STATUS.search(notice)
    code = status[1] if status else ""
    failed: dict[str, BouncedRecipient] = {}
    for mailbox in addresses.parse_bytes(failed_header).mailboxes:
        failed[mailbox.email] = BouncedRecipient(mailbox.email, code)
    for found in _QMAIL_RECIPIENT.finditer(notice):
        address = addresses.normal_form(found[1])
        if address:
            diagnostic = " ".join(found[2].split())[:1000]
            own = _STATUS.search(diagnostic)
            failed.setdefault(address, BouncedRecipient(address, own[1] if own else code, diagnostic))
    if not failed:
        for found in _LONELY_RECIPIENT.finditer(notice):
            address = addresses.normal_form(found[1])
            if address:
                failed.setdefault(address, BouncedRecipient(address, code))
    ids = list(dict.fromkeys(_MESSAGE_ID_LINE.findall(text[copy.start() :] if copy else text)))
    return list(failed.values())[:_MAX_RECIPIENTS], ids[:_MAX_RECIPIENTS]


def _typed(value: bytes) -> str:
    """The address of "rfc822; ivan@x.example"."""
    text = words.readable(value)
    kind, semicolon, address = text.partition(";")
    return (address if semicolon else kind).strip().strip("<>")
