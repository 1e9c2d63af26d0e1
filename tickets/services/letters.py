"""Putting outgoing letters together: subject, text and HTML in the customer's language, fixed Message-IDs."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from core import look, prepared
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


# By hand: every letter asks it.
_TO_SEND = """
    SELECT copy.mail_id, copy.participant_id, copy.email, copy.name, message.public_id, message.author,
           message.sender_email, message.sender_name, message.recipients, message.subject, message.text, message.html,
           message."references", message.created_at, ticket.language, ticket.account_id, ticket.channel,
           ARRAY(SELECT json_build_array(filename, content_type, digest, size_bytes)
                   FROM tickets_attachment AS file WHERE file.message_id = message.id ORDER BY file.id)
      FROM tickets_outboundcopy AS copy JOIN tickets_message AS message ON message.id = copy.message_id
      JOIN tickets_ticket AS ticket ON ticket.id = message.ticket_id
     WHERE copy.id = %s"""


def outbound_message(copy_id: int) -> OutboundMessage:
    """What to send for one copy, always the same words, under the look the desk has today. Two queries, three with a
    logo.
    """
    with connection.cursor() as cursor:
        prepared.execute(cursor, _TO_SEND, [copy_id])
        (
            mail_id, participant_id, email, name, public_id, author, sender_email, sender_name, recipients,
            subject, text, html, references, created_at, language, account_id, channel, files,
        ) = cursor.fetchone()  # fmt: skip
    recipients, references = json.loads(recipients), json.loads(references)
    if author == Author.AGENT and account_id is not None:
        text, html = _with_proof(text, html, public_id, language)
    reply_to = sender_email
    if participant_id is not None:
        reply_to = tokens.address(reply_to, tokens.make(participant_id, key=key("reply-tokens")))
    html, logo = headed(html)
    return OutboundMessage(
        message_id=mail_id,
        sender=Address(sender_email, sender_name),
        recipient=Address(email, name),
        reply_to=reply_to,
        to=tuple(Address(each, name if each == email else "") for each in recipients["to"]),
        cc=tuple(Address(each) for each in recipients["cc"]),
        subject=subject,
        text=text,
        html=html,
        logo=logo,
        language=language,
        in_reply_to=references[-1] if references else "",
        references=tuple(references),
        is_automatic=author == Author.SYSTEM,
        date=created_at,
        attachments=tuple(OutboundAttachment(*file) for file in files),
        channel=channel,
    )


def _with_proof(text: str, html: str, letter: UUID, language: str) -> tuple[str, str]:
    """A colleague's letter about an account says last how the customer checks that it is ours."""
    language = "ru" if language.startswith("ru") else "en"
    code = letter_code(letter, key=key("letter-codes"))
    context = {"code": code, "link": f"{settings.SITE_URL}/panel/"}
    proof = render_to_string(f"email/proof_of_letter.{language}.txt", context).strip()
    return f"{text.rstrip()}\n\n{proof}\n", html.replace("</body>", f"<p><small>{proof}</small></p></body>")


def tagged(ticket: Ticket, subject: str) -> str:
    return f"[{pretty(ticket.number)}] {subject}".strip()
