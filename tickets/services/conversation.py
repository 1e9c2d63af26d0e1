"""What the desk says: replies, notes, drafts, files, and what became of each copy sent."""

from datetime import datetime

from django.db import connection, transaction

from core import prepared
from events import outbox
from staff.actor import SYSTEM, Actor
from tickets.access import get_ticket_to_work
from tickets.contracts import Address, SendReceipt, SendStatus
from tickets.enums import Held, Status
from tickets.event_types import OtherSenderAccepted, OtherSenderRefused, ReplyDelivered, ReplyQueued
from tickets.models import Message, OutboundCopy, Ticket
from tickets.policies import lifecycle
from tickets.policies.concern import Why, concerned
from tickets.services import clocks, participants
from tickets.services.intake import touch
from tickets.services.letters import outbound_message
from tickets.services.notes import add_note
from tickets.services.refused import Refused
from tickets.services.replies import reply, withdraw
from tickets.services.uploads import add_upload, remove_upload

__all__ = [
    "Refused", "accept_sender", "add_note", "add_upload", "outbound_message", "record_delivery", "refuse_sender",
    "remove_upload", "reply", "send_again", "withdraw",
]  # fmt: skip


_NOT_SENT = {SendStatus.FAILED.value, SendStatus.UNCERTAIN.value}


@transaction.atomic
def accept_sender(ticket_number: str, *, message_public_id: str, by: Actor, now: datetime) -> None:
    """The other sender takes part from now on; the message keeps its own level. He gets no history."""
    ticket, message = _held(ticket_number, message_public_id, by)
    message.held = Held.ACCEPTED.value
    message.save(update_fields=["held"])
    sender = Address(message.sender_email, message.sender_name)
    participants.take_in(ticket, sender, may_reply=True, by=by.key, now=now)
    ticket.held_count = max(ticket.held_count - 1, 0)
    ticket.status = lifecycle.after_customer_wrote(Status(ticket.status)).value
    ticket.is_unread = True
    clocks.customer_wrote(ticket, now=now)
    touch(ticket, now=now)
    outbox.record(OtherSenderAccepted(ticket_id=ticket.pk, message_id=message.pk), by=by.key, now=now)


@transaction.atomic
def refuse_sender(ticket_number: str, *, message_public_id: str, by: Actor, now: datetime) -> None:
    ticket, message = _held(ticket_number, message_public_id, by)
    message.held = Held.REFUSED.value
    message.save(update_fields=["held"])
    ticket.held_count = max(ticket.held_count - 1, 0)
    touch(ticket, now=now)
    outbox.record(OtherSenderRefused(ticket_id=ticket.pk, message_id=message.pk), by=by.key, now=now)


def _held(ticket_number: str, message_public_id: str, by: Actor) -> tuple[Ticket, Message]:
    ticket = get_ticket_to_work(by, ticket_number)
    message = Message.objects.filter(ticket=ticket, public_id=message_public_id, held=Held.WAITING.value).first()
    if message is None:
        raise Refused("already_decided")
    return ticket, message


# What was sent stays sent, whatever a late process reports.
_RECORD = """
    WITH told AS (
        UPDATE tickets_outboundcopy AS copy SET status = %s, code = %s, detail = %s, finished_at = %s
          FROM tickets_message AS message
         WHERE copy.id = %s AND message.id = copy.message_id
           AND copy.status <> 'sent' AND NOT (copy.status = %s AND copy.code = %s)
     RETURNING message.id, message.ticket_id, message.staff_id),
    seen AS (UPDATE tickets_ticket SET version = version + 1 WHERE id IN (SELECT ticket_id FROM told))
    SELECT id, ticket_id, staff_id FROM told"""


@transaction.atomic
def record_delivery(copy_id: int, *, receipt: SendReceipt, now: datetime) -> None:
    """What became of one copy; shown at the message. Repeating it changes nothing."""
    status, code = receipt.status.value, receipt.code[:40]
    with connection.cursor() as cursor:
        prepared.execute(cursor, _RECORD, [status, code, receipt.detail[:2000], now, copy_id, status, code])
        told = cursor.fetchone()
    if told is None:
        return
    message_id, ticket_id, staff_id = told
    outbox.record(
        ReplyDelivered(
            ticket_id=ticket_id,
            message_id=message_id,
            copy_id=copy_id,
            status=status,
            code=code,
            tells=concerned((Why.FAILED, [staff_id]), by=None) if status in _NOT_SENT else None,
        ),
        by=SYSTEM.key,
        now=now,
    )


@transaction.atomic
def send_again(ticket_number: str, *, copy_id: int, by: Actor, now: datetime) -> None:
    """A person decided: the same words with the same Message-ID once more."""
    ticket = get_ticket_to_work(by, ticket_number)
    copy = OutboundCopy.objects.select_for_update(of=("self",)).filter(pk=copy_id, message__ticket=ticket).first()
    if copy is None or copy.status in {"queued", "sent"}:
        raise Refused("already_sent")
    copy.status, copy.code, copy.detail = "queued", "", ""
    copy.save()
    touch(ticket, now=now)
    outbox.record(ReplyQueued(ticket_id=ticket.pk, message_id=copy.message.pk, copy_ids=(copy.pk,)), by=by.key, now=now)
