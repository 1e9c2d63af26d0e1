"""Putting outgoing letters together: subject, text and HTML in the customer's language, fixed Message-IDs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from core import look
from core.models import key
from tickets.contracts import Address, InlineImage, OutboundAttachment, OutboundMessage
from tickets.enums import Author, Direction
from tickets.models import Attachment, Message, OutboundCopy, Participant, Ticket
from tickets.numbers import pretty
from tickets.policies import tokens
from tickets.policies.letter_code import letter_code


@dataclass(frozen=True, slots=True)
class Recipient:
    email: str
    name: str
    participant: Participant | None  # None: he takes no part, so his copy has no signed reply address
    is_copied: bool = False  # named under Cc


REGISTERED = {"ru": "Заявка принята", "en": "We have your request"}


def html_of(text: str, language: str) -> str:
    return render_to_string("email/letter.html", {"paragraphs": text.strip().split("\n\n"), "language": language})


def headed(html: str) -> tuple[str, InlineImage | None]:
    """Under the desk's name, accent and logo, if it has been given any and wants the logo there."""
    desk = look.current()
    picture = look.logo(desk.logo) if desk.is_logo_in_letters else None
    if not (desk.name or desk.accent or picture):
        return html, None
    logo = InlineImage(f"logo.{desk.logo}@helpdesk", picture) if picture else None
    head = render_to_string("email/head.html", {"look": desk, "logo": logo})
    return html.replace("<body>", "<body>" + head, 1), logo


def composed(
    ticket: Ticket,
    *,
    author: Author,
    staff_id: int | None,
    sender_name: str,
    sender_email: str = "",
    subject: str,
    text: str,
    recipients: Sequence[Recipient],
    answers: Message | None,
    now: datetime,
) -> tuple[Message, list[OutboundCopy]]:
    """One outbound message with a copy for each recipient, nothing saved yet."""
    sender_email = sender_email or ticket.our_address
    domain = sender_email.rpartition("@")[2]
    public_id = uuid.uuid4()
    references = [*answers.references[-20:], answers.message_id] if answers else []
    message = Message(
        public_id=public_id,
        ticket=ticket,
        direction=Direction.OUTBOUND.value,
        author=author.value,
        staff_id=staff_id,
        sender_email=sender_email,
        sender_name=sender_name,
        recipients={
            "to": [person.email for person in recipients if not person.is_copied],
            "cc": [person.email for person in recipients if person.is_copied],
        },
        subject=subject[:500],
        text=text,
        html=html_of(text, ticket.language),
        message_id=f"{public_id.hex}@{domain}",
        references=references,
        created_at=now,
    )
    copies = [
        OutboundCopy(
            message=message,
            participant=person.participant,
            email=person.email,
            name=person.name,
            mail_id=f"{public_id.hex}.{place}@{domain}",
        )
        for place, person in enumerate(recipients, 1)
    ]
    return message, copies


def save(message: Message, copies: list[OutboundCopy], *, attachments: Sequence[Attachment] = ()) -> None:
    """Queues what was composed. The caller records `ReplyQueued`."""
    message.save()
    for attachment in attachments:
        attachment.message = message
    Attachment.objects.bulk_create(attachments)
    OutboundCopy.objects.bulk_create(copies)


# A ticket is wide, and every letter reads one.
_TO_SEND = (
    "mail_id", "participant_id", "email", "name", "message__public_id", "message__author", "message__sender_email",
    "message__sender_name", "message__recipients", "message__subject", "message__text", "message__html",
    "message__references", "message__created_at", "message__ticket__language", "message__ticket__account_id",
    "message__ticket__channel",
)  # fmt: skip


def outbound_message(copy_id: int) -> OutboundMessage:
    """What to send for one copy, always the same words, under the look the desk has today. Four queries, five with a
    logo.
    """
    copy = OutboundCopy.objects.select_related("message__ticket").only(*_TO_SEND).get(pk=copy_id)
    message, ticket = copy.message, copy.message.ticket
    reply_to = message.sender_email
    text, html = _with_proof(message)
    if copy.participant_id is not None:
        reply_to = tokens.address(reply_to, tokens.make(copy.participant_id, key=key("reply-tokens")))
    html, logo = headed(html)
    return OutboundMessage(
        message_id=copy.mail_id,
        sender=Address(email=message.sender_email, name=message.sender_name),
        recipient=Address(email=copy.email, name=copy.name),
        reply_to=reply_to,
        to=tuple(Address(email, copy.name if email == copy.email else "") for email in message.recipients["to"]),
        cc=tuple(Address(email) for email in message.recipients["cc"]),
        subject=message.subject,
        text=text,
        html=html,
        logo=logo,
        language=ticket.language,
        in_reply_to=message.references[-1] if message.references else "",
        references=tuple(message.references),
        is_automatic=message.author == Author.SYSTEM,
        date=message.created_at,
        attachments=tuple(
            OutboundAttachment(a.filename, a.content_type, a.digest, a.size_bytes) for a in message.attachments.all()
        ),
        channel=ticket.channel,
    )


def _with_proof(message: Message) -> tuple[str, str]:
    """Text and HTML; a colleague's letter about an account says last how the customer checks that it is ours."""
    ticket = message.ticket
    if message.author != Author.AGENT or ticket.account_id is None:
        return message.text, message.html
    language = "ru" if ticket.language.startswith("ru") else "en"
    code = letter_code(message.public_id, key=key("letter-codes"))
    context = {"code": code, "link": f"{settings.SITE_URL}/panel/"}
    proof = render_to_string(f"email/proof_of_letter.{language}.txt", context).strip()
    html = message.html.replace("</body>", f"<p><small>{proof}</small></p></body>")
    return f"{message.text.rstrip()}\n\n{proof}\n", html


def tagged(ticket: Ticket, subject: str) -> str:
    return f"[{pretty(ticket.number)}] {subject}".strip()
