"""The letter with the number where intake does not write it: to whoever typed a request, or was taken for spam."""

from datetime import datetime

from django.db import transaction

from core.clock import now as read_clock
from core.trust import Fact
from events import outbox
from events.registry import Subscriber, Work
from staff.actor import SYSTEM
from tickets.contracts import Address, InboundMessage, Nature
from tickets.enums import Author
from tickets.event_types import ReplyQueued
from tickets.models import AutoReply, Message, OutboundCopy, Participant, Ticket
from tickets.policies.auto_reply import Form
from tickets.services import auto_reply
from tickets.services.auto_reply import Acknowledgement, Register


def tell_the_number(work: Work) -> None:
    _tell(int(work.key), now=read_clock())


@transaction.atomic
def _tell(message_id: int, *, now: datetime) -> None:
    first = Message.objects.select_related("ticket").get(pk=message_id)
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=first.ticket_id)
    if AutoReply.objects.filter(ticket=ticket).exists():
        return
    register = auto_reply.register([first.sender_email], now=now)
    acknowledgement = _acknowledgement(ticket, first, register=register, now=now)
    if queued := _saved(acknowledgement):
        outbox.record(queued, by=SYSTEM.key, now=now)


def after_spam(ticket: Ticket, *, now: datetime) -> list[ReplyQueued]:
    """What a letter taken for spam at the door was not told, once its ticket is none: the event to record, if any."""
    withheld = AutoReply.objects.select_for_update().filter(ticket=ticket, address=ticket.requester_email)
    row = withheld.filter(form=Form.NONE, reason="spam").order_by("id").first()
    first = Message.objects.filter(ticket=ticket, author=Author.REQUESTER).order_by("id").first()
    if row is None or first is None:
        return []
    register = auto_reply.register([row.address], now=now)
    acknowledgement = _acknowledgement(ticket, first, register=register, now=now)
    acknowledgement.row.pk = row.pk  # in its place: a letter has one end
    queued = _saved(acknowledgement)
    return [queued] if queued else []


def _acknowledgement(ticket: Ticket, first: Message, *, register: Register, now: datetime) -> Acknowledgement:
    email = first.sender_email
    heard = InboundMessage(
        sender=Address(email, first.sender_name),
        received_at=first.created_at,
        nature=Nature(first.nature),
        facts=tuple(Fact.from_json(fact) for fact in first.facts),
    )
    return auto_reply.acknowledge(
        ticket,
        first,
        heard,
        requester=Participant.objects.get(ticket=ticket, is_requester=True),
        is_contact=ticket.contact_id is not None,  # a typed address is nobody's: no stranger's words go to it
        is_ours=bool(email) and email.rpartition("@")[2] == ticket.our_address.rpartition("@")[2],
        is_spam=ticket.is_spam,
        register=register,
        now=now,
    )


def _saved(acknowledgement: Acknowledgement) -> ReplyQueued | None:
    letter, copies = acknowledgement.letter, acknowledgement.copies
    if letter is not None:
        letter.save()
        OutboundCopy.objects.bulk_create(copies)
    acknowledgement.row.save()
    if letter is None:
        return None
    copy_ids = tuple(copy.pk for copy in copies)
    return ReplyQueued(ticket_id=letter.ticket_id, message_id=letter.pk, copy_ids=copy_ids, is_automatic=True)


SUBSCRIBER = Subscriber(name="number", handler=tell_the_number)
