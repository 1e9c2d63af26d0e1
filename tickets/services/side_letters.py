"""Letters to third parties about a ticket, and their answers: inside the desk only, whoever asks never sees them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.models import key
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.models import StaffProfile
from tickets.access import get_ticket_to_work
from tickets.contracts import Address, OutboundAttachment, OutboundMessage, SendReceipt, SendStatus
from tickets.enums import Held, Kind
from tickets.event_types import SideLetterDelivered, SideLetterJudged, SideLetterQueued, SideLetterWithdrawn
from tickets.models import Attachment, SideConversation, SideLetter, Ticket
from tickets.policies import tokens
from tickets.services import drafts, letters, signatures
from tickets.services.disclosure import stop_to_third_party
from tickets.services.drafts import NO_BASIS, Basis, Writing
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.replies import UNDO
from tickets.services.uploads import give_back, is_uuid, staff_id_of, take_uploads


@dataclass(frozen=True, slots=True)
class SideEnvelope:
    to: Address
    subject: str
    forwards: Sequence[str] = ()  # public ids of files of this ticket's messages that go along
    sender: str = ""


@transaction.atomic
def send(
    ticket_number: str,
    *,
    by: Actor,
    text: str,
    envelope: SideEnvelope,
    upload_ids: Sequence[str] = (),
    basis: Basis = NO_BASIS,
    now: datetime,
) -> SideLetter:
    """Queues a letter to a third party, from an address of its own, with nothing that leads to the ticket.

    A third party has proved nothing: what identifies the account is stopped, whatever level the requester has.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    words, subject = text.strip(), " ".join(envelope.subject.split())
    if not words:
        raise Refused("empty_text")
    if not subject:
        raise Refused("empty_subject")
    if ticket.kind == Kind.RESTRICTED.value:
        raise Refused("restricted")
    if envelope.to.email == ticket.requester_email:
        raise Refused("is_requester")
    stop_to_third_party(ticket, f"{subject}\n{words}")
    conversation = _conversation(ticket, envelope.to, now=now)
    staff = StaffProfile.objects.get(pk=staff_id_of(by))
    theirs = conversation.letters.filter(held__in=("", Held.ACCEPTED.value), withdrawn_at=None)
    earlier = theirs.order_by("-id").first()
    from_address = tokens.address(
        envelope.sender or ticket.our_address, tokens.make_side(conversation.pk, key=key("reply-tokens"))
    )
    public_id = uuid.uuid4()
    uploaded = take_uploads(ticket, by, upload_ids)
    letter = SideLetter.objects.create(
        public_id=public_id,
        conversation=conversation,
        direction="out",
        staff=staff,
        sender_email=from_address,
        sender_name=staff.public_name or staff.name,
        subject=subject[:500],
        text=f"{words}\n\n-- \n{signatures.of(staff, ticket, with_number=False)}\n",
        message_id=f"{public_id.hex}@{from_address.rpartition('@')[2]}",
        references=[*earlier.references[-20:], earlier.message_id] if earlier else [],
        status="queued",
        leaves_at=now + UNDO,
        undo={
            "letters": len(words),
            "uploaded": len(uploaded),
            "beside": {
                "side_to": envelope.to.email,
                "subject": subject,
                "forwards": list(envelope.forwards),
                "sender": envelope.sender,
            },
        },
        created_at=now,
    )
    files = [*uploaded, *_forwarded(ticket, envelope.forwards)]
    for file in files:
        file.side_letter = letter
    Attachment.objects.bulk_create(files)
    drafts.sent(ticket, by, mode="side", basis=basis)
    touch(ticket, now=now)
    waits = int(UNDO.total_seconds())
    outbox.record(SideLetterQueued(ticket_id=ticket.pk, letter_id=letter.pk, waits_seconds=waits), by=by.key, now=now)
    return letter


@transaction.atomic
def withdraw(ticket_number: str, *, letter_public_id: str, by: Actor, now: datetime) -> None:
    """Its author takes it back into the composer, as long as no worker has taken it."""
    ticket = get_ticket_to_work(by, ticket_number)
    theirs = SideLetter.objects.filter(conversation__ticket=ticket, staff_id=by.staff_id, withdrawn_at=None)
    letter = theirs.filter(public_id=letter_public_id, undo__isnull=False).first()
    if letter is None or letter.undo is None:
        raise Refused("already_left")
    if outbox.take_back(SideLetterQueued, [str(letter.pk)], now=now) != 1:
        raise Refused("already_left")
    letter.status, letter.withdrawn_at = "withdrawn", now
    letter.save(update_fields=["status", "withdrawn_at"])
    before = letter.undo
    writing = Writing(letter.text[: before["letters"]], before["beside"])
    drafts.put_back(ticket, by, mode="side", writing=writing, now=now)
    give_back(letter.attachments.order_by("id")[: before["uploaded"]], ticket, by, now=now)
    touch(ticket, now=now)
    outbox.record(SideLetterWithdrawn(ticket_id=ticket.pk, letter_id=letter.pk), by=by.key, now=now)


def _conversation(ticket: Ticket, to: Address, *, now: datetime) -> SideConversation:
    known = SideConversation.objects.filter(ticket=ticket, email=to.email).order_by("id").first()
    return known or SideConversation.objects.create(ticket=ticket, email=to.email, name=to.name[:1000], created_at=now)


def _forwarded(ticket: Ticket, public_ids: Sequence[str]) -> list[Attachment]:
    wanted = [public_id for public_id in public_ids if is_uuid(public_id)]
    found = Attachment.objects.filter(message__ticket=ticket, public_id__in=wanted).order_by("id")
    if any(file.is_secret for file in found):
        raise Refused("secret_file")
    return [
        Attachment(filename=f.filename, content_type=f.content_type, digest=f.digest, size_bytes=f.size_bytes)
        for f in found
    ]


def outbound_message(letter_id: int) -> OutboundMessage:
    """Always the same words. Two queries."""
    letter = SideLetter.objects.select_related("conversation__ticket").get(pk=letter_id)
    ticket = letter.conversation.ticket
    return OutboundMessage(
        message_id=letter.message_id,
        sender=Address(email=letter.sender_email, name=letter.sender_name),
        recipient=Address(email=letter.conversation.email, name=letter.conversation.name),
        reply_to=letter.sender_email,
        subject=letter.subject,
        text=letter.text,
        html=letters.html_of(letter.text, ticket.language),
        language=ticket.language,
        in_reply_to=letter.references[-1] if letter.references else "",
        references=tuple(letter.references),
        date=letter.created_at,
        attachments=tuple(
            OutboundAttachment(a.filename, a.content_type, a.digest, a.size_bytes) for a in letter.attachments.all()
        ),
        channel=ticket.channel,
    )


@transaction.atomic
def record_delivery(letter_id: int, *, receipt: SendReceipt, now: datetime) -> None:
    """What became of it; shown at the letter. Repeating it changes nothing."""
    letter = SideLetter.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=letter_id)
    if letter.status == SendStatus.SENT or (letter.status, letter.code) == (receipt.status.value, receipt.code):
        return
    letter.status, letter.code, letter.detail = receipt.status.value, receipt.code[:40], receipt.detail[:2000]
    letter.save(update_fields=["status", "code", "detail"])
    ticket = Ticket.objects.select_for_update().get(pk=letter.conversation.ticket_id)
    touch(ticket, now=now)
    outbox.record(
        SideLetterDelivered(ticket_id=ticket.pk, letter_id=letter.pk, status=letter.status, code=letter.code),
        by=SYSTEM.key,
        now=now,
    )


@transaction.atomic
def judge(ticket_number: str, *, letter_public_id: str, is_accepted: bool, by: Actor, now: datetime) -> None:
    """Somebody else answered: it counts as an answer, or stays out."""
    ticket = get_ticket_to_work(by, ticket_number)
    letter = SideLetter.objects.filter(
        conversation__ticket=ticket, public_id=letter_public_id, held=Held.WAITING.value
    ).first()
    if letter is None:
        raise Refused("already_decided")
    letter.held = (Held.ACCEPTED if is_accepted else Held.REFUSED).value
    letter.save(update_fields=["held"])
    touch(ticket, now=now)
    outbox.record(SideLetterJudged(ticket_id=ticket.pk, letter_id=letter.pk, held=letter.held), by=by.key, now=now)
