"""The letter with the number to whoever typed a request, by the one rule of automatic replies."""

from datetime import datetime

from django.db import transaction

from core.clock import now as read_clock
from customers import queries as customers
from events import outbox
from events.registry import Subscriber, Work
from staff.actor import SYSTEM
from tickets.contracts import Address, InboundMessage
from tickets.event_types import ReplyQueued
from tickets.models import AutoReply, Message, OutboundCopy, Participant, Ticket
from tickets.services import auto_reply


def tell_the_number(work: Work) -> None:
    _tell(int(work.key), now=read_clock())


@transaction.atomic
def _tell(message_id: int, *, now: datetime) -> None:
    first = Message.objects.select_related("ticket").get(pk=message_id)
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=first.ticket_id)
    if AutoReply.objects.filter(ticket=ticket).exists():
        return
    email = first.sender_email
    acknowledgement = auto_reply.acknowledge(
        ticket,
        first,
        InboundMessage(sender=Address(email, first.sender_name), received_at=first.created_at),
        requester=Participant.objects.get(ticket=ticket, is_requester=True),
        is_contact=ticket.contact_id is not None or bool(customers.known_senders([email])),
        is_ours=bool(email) and email.rpartition("@")[2] == ticket.our_address.rpartition("@")[2],
        is_spam=ticket.is_spam,
        register=auto_reply.register([email], now=now),
        now=now,
    )
    letter, copies = acknowledgement.letter, acknowledgement.copies
    if letter is not None:
        letter.save()
        OutboundCopy.objects.bulk_create(copies)
    acknowledgement.row.save()
    if letter is not None:
        copy_ids = tuple(copy.pk for copy in copies)
        queued = ReplyQueued(ticket_id=ticket.pk, message_id=letter.pk, copy_ids=copy_ids, is_automatic=True)
        outbox.record(queued, by=SYSTEM.key, now=now)


SUBSCRIBER = Subscriber(name="number", handler=tell_the_number)
