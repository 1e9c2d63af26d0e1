"""Mail that is recorded at a ticket and answers nothing of it: letters of third parties, and machines' mail."""

from datetime import datetime

from tickets.contracts import Nature, Outcome
from tickets.enums import Author, Direction, Held, Status
from tickets.models import OutboundCopy, SideConversation, SideLetter, Ticket
from tickets.services.batch import Filed, Placed, Rows
from tickets.services.surroundings import SIDE_LETTER


def side_letter(placed: Placed, conversation: SideConversation, ticket: Ticket, *, rows: Rows) -> Filed:
    """Inside the desk only: no evidence, no clock, no automatic reply, nothing at the requester's messages."""
    heard, origin = placed.letter.heard, placed.letter.origin
    if conversation.ticket_id != ticket.pk:  # merged since
        SideConversation.objects.filter(pk=conversation.pk).update(ticket=ticket)
    is_person = heard.nature is Nature.PERSON
    is_another = is_person and heard.sender.email != conversation.email
    if heard.bounced_message_ids:
        ours = SideLetter.objects.filter(conversation=conversation, message_id__in=heard.bounced_message_ids)
        ours.update(status="bounced")
    letter = SideLetter(
        conversation=conversation,
        direction=Direction.INBOUND.value,
        nature=heard.nature.value,
        held=(Held.WAITING if is_another else Held.NO).value,
        level=int(placed.level),
        reasons=list(placed.reasons),
        sender_email=heard.sender.email,
        sender_name=heard.sender.name,
        subject=heard.subject[:500],
        text=heard.text,
        quoted_text=heard.quoted_text,
        message_id=heard.message_id or origin.stable_id,
        references=list(heard.references),
        raw_id=origin.raw_id,
        created_at=heard.received_at,
    )
    rows.side_letters.append(letter)
    rows.keep_files(placed, side_letter=letter)
    if is_person and not is_another and ticket.status == Status.WAITING_THIRD_PARTY.value:
        ticket.status = Status.OPEN.value
    return Filed(Outcome.RECORDED, ticket, None, reason=SIDE_LETTER, side_letter=letter)


def machine_mail(placed: Placed, ticket: Ticket, *, rows: Rows, now: datetime) -> Filed:
    """Recorded, never answered; reopens nothing and stops no clock."""
    heard = placed.letter.heard
    if heard.bounced_message_ids:
        diagnostic = "; ".join(f"{b.address} {b.status} {b.diagnostic}".strip() for b in heard.bounced)[:2000]
        OutboundCopy.objects.filter(message__ticket=ticket, mail_id__in=heard.bounced_message_ids).update(
            status="bounced", detail=diagnostic, finished_at=now
        )
    message = rows.write(placed, ticket, author=Author.SYSTEM)
    return Filed(Outcome.RECORDED, ticket, message, reason=heard.nature.value)
