"""The letter with the number where intake does not write it: to whoever typed a request, or was taken for spam."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from core import inserting
from core.clock import now as read_clock
from core.trust import Fact
from events import outbox
from events.registry import Subscriber, Work
from staff.actor import SYSTEM
from tickets.contracts import Address, InboundMessage, Nature
from tickets.enums import Author
from tickets.event_types import ReplyQueued
from tickets.models import AutoReply, Message, Participant, Ticket
from tickets.policies.auto_reply import Form
from tickets.services import auto_reply
from tickets.services.auto_reply import Acknowledgement, Register


def tell_the_number(work: Work) -> None:
    with transaction.atomic():
        tell_the_numbers([work])


def tell_the_numbers(works: list[Work]) -> None:
    """In the caller's transaction. Ten statements at most for any number of tickets."""
    now = read_clock()
    firsts = list(Message.objects.filter(pk__in=[int(work.key) for work in works]).order_by("id"))
    tickets = Ticket.objects.select_for_update().order_by("pk").in_bulk({first.ticket_id for first in firsts})
    told = set(AutoReply.objects.filter(ticket__in=tickets).values_list("ticket_id", flat=True))
    requesters = {
        row.ticket_id: row for row in Participant.objects.filter(ticket__in=tickets.keys() - told, is_requester=True)
    }
    waiting = [first for first in firsts if first.ticket_id not in told]
    register = auto_reply.register({first.sender_email for first in waiting}, now=now)
    acknowledgements = [
        _acknowledgement(
            tickets[first.ticket_id], first, requester=requesters[first.ticket_id], register=register, now=now
        )
        for first in waiting
    ]
    outbox.record(*_written(acknowledgements), by=SYSTEM.key, now=now)


def after_spam(ticket: Ticket, *, now: datetime) -> list[ReplyQueued]:
    """What a letter taken for spam at the door was not told, once its ticket is none: the event to record, if any."""
    withheld = AutoReply.objects.select_for_update().filter(ticket=ticket, address=ticket.requester_email)
    row = withheld.filter(form=Form.NONE, reason="spam").order_by("id").first()
    first = Message.objects.filter(ticket=ticket, author=Author.REQUESTER).order_by("id").first()
    if row is None or first is None:
        return []
    acknowledgement = _acknowledgement(
        ticket,
        first,
        requester=Participant.objects.get(ticket=ticket, is_requester=True),
        register=auto_reply.register([row.address], now=now),
        now=now,
    )
    queued = _written([acknowledgement], is_new=False)
    acknowledgement.row.pk = row.pk  # in its place: a letter has one end
    acknowledgement.row.save()
    return queued


def _acknowledgement(
    ticket: Ticket, first: Message, *, requester: Participant, register: Register, now: datetime
) -> Acknowledgement:
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
        requester=requester,
        is_contact=ticket.contact_id is not None,  # a typed address is nobody's: no stranger's words go to it
        is_ours=bool(email) and email.rpartition("@")[2] == ticket.our_address.rpartition("@")[2],
        is_spam=ticket.is_spam,
        register=register,
        now=now,
    )


def _written(found: Sequence[Acknowledgement], *, is_new: bool = True) -> list[ReplyQueued]:
    """Letters and, where they are new, rows of the register. Two statements; the events that must be recorded."""
    letters = [one.letter for one in found if one.letter is not None]
    rows: list[Model] = [*letters, *(copy for one in found for copy in one.copies)]
    if is_new:
        rows += [one.row for one in found]
    if rows:
        inserting.take_ids(rows)
        inserting.write(rows)
    return [
        ReplyQueued(
            ticket_id=one.letter.ticket_id,
            message_id=one.letter.pk,
            copy_ids=tuple(copy.pk for copy in one.copies),
            is_automatic=True,
        )
        for one in found
        if one.letter is not None
    ]


SUBSCRIBER = Subscriber(name="number", handler=tell_the_number, together=tell_the_numbers)
