"""A message into a ticket of its own or into another one, and tickets that belong together."""

from datetime import datetime

from django.db import transaction

from assurance.models import Evidence
from assurance.policies.levels import EVIDENCE_LIFETIME, EvidenceItem, ticket_level
from core.trust import Level
from events import outbox
from staff.actor import Actor
from tickets.access import get_ticket_to_work
from tickets.enums import Author, Direction, Held, Metric, Status
from tickets.event_types import (
    MessageCame,
    MessageMoved,
    TicketsLinked,
    TicketsUnlinked,
)
from tickets.models import Message, Participant, Ticket, TicketLink
from tickets.policies import lifecycle, merging
from tickets.queries.sorting import side
from tickets.services import clocks, levels, numbering
from tickets.services.intake import preview_of, touch
from tickets.services.merging import pair
from tickets.services.opened import opened_event
from tickets.services.refused import Refused


@transaction.atomic
def split_off(ticket_number: str, *, message_public_id: str, by: Actor, now: datetime) -> Ticket:
    """A letter becomes a ticket with a number of its own, in the same queue, its clock running since it came.

    Its requester is who wrote it; how sure we are is what that letter alone proves.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    message = _letter(ticket, message_public_id)
    (number,) = numbering.issue(1, now=now)
    new = Ticket(
        number=number,
        subject=message.subject,
        preview=preview_of(message.text),
        door=ticket.door,
        channel=ticket.channel,
        our_address=ticket.our_address,
        language=ticket.language,
        queue=ticket.queue,
        team=ticket.team,
        kind=ticket.kind,
        requester_name=message.sender_name,
        requester_email=message.sender_email,
        contact_id=ticket.contact_id if message.sender_email == ticket.requester_email else None,
        account_id=ticket.account_id if message.sender_email == ticket.requester_email else None,
        level=message.level or 0,
        created_at=message.created_at,
        updated_at=now,
    )
    kind, level, until = _proven_by(message, ticket)
    judged = ticket_level([EvidenceItem(kind, Level(level), message.created_at, until)], now)
    new.level, new.level_until = int(judged.level), judged.until
    clock, started = clocks.begun(new, Metric.FIRST_RESPONSE, now=message.created_at)
    new.save()
    clock.save()
    started.save()
    Participant.objects.create(
        ticket=new,
        email=message.sender_email,
        name=message.sender_name,
        is_requester=True,
        added_by=by.key,
        added_at=now,
    )
    Evidence.objects.create(
        ticket=new,
        message=message,
        kind=kind,
        level=level,
        at=message.created_at,
        expires_at=until,
        facts=message.facts,
    )
    _move(message, ticket, new, by=by, now=now)
    opened = opened_event(new)
    outbox.record(opened, *_told(message, ticket, new), by=by.key, now=now)
    return new


@transaction.atomic
def move_message(ticket_number: str, *, message_public_id: str, to_number: str, by: Actor, now: datetime) -> Ticket:
    """Under the rule of merging: nothing of one person's comes before another's eyes."""
    ticket, other = pair(ticket_number, to_number, by=by)
    message = _letter(ticket, message_public_id)
    if why := merging.refusal(side(ticket, now=now), side(other, now=now)):
        raise Refused(why)
    if message.sender_email not in Participant.objects.filter(ticket=other, dropped_at=None).values_list(
        "email", flat=True
    ):
        raise Refused("merge_strangers")
    _move(message, ticket, other, by=by, now=now)
    other.is_unread = True
    other.status = lifecycle.after_customer_wrote(Status(other.status)).value
    clocks.customer_wrote(other, now=now)
    touch(other, now=now)
    outbox.record(*_told(message, ticket, other), by=by.key, now=now)
    return other


def _proven_by(message: Message, ticket: Ticket) -> tuple[str, int, datetime | None]:
    """What this message proves today: kind, level and end. Less than when it came, where that was of another account.

    Of who did not ask here nothing was weighed yet.
    """
    weighed = Evidence.objects.standing().filter(ticket=ticket, message=message).order_by("id").last()
    if weighed is not None:
        return weighed.kind, weighed.level, weighed.expires_at
    kinds = (str(fact["kind"]) for fact in message.facts)
    return next((kind for kind in kinds if kind in EVIDENCE_LIFETIME), "mail"), message.level or 0, None


def _letter(ticket: Ticket, public_id: str) -> Message:
    message = Message.objects.filter(ticket=ticket, public_id=public_id, direction=Direction.INBOUND.value).first()
    if message is None or message.author == Author.SYSTEM or message.held in {Held.WAITING, Held.REFUSED}:
        raise Refused("no_such_message")
    if Message.objects.filter(ticket=ticket, direction=Direction.INBOUND.value).exclude(pk=message.pk).first() is None:
        raise Refused("only_message")
    return message


def _move(message: Message, here: Ticket, there: Ticket, *, by: Actor, now: datetime) -> None:
    message.ticket = there
    message.save(update_fields=["ticket"])
    levels.judge_without(here, message, by=by.key, now=now)
    touch(here, now=now)


def _told(message: Message, here: Ticket, there: Ticket) -> tuple[MessageMoved, MessageCame]:
    return (
        MessageMoved(ticket_id=here.pk, message_id=message.pk, number=there.number),
        MessageCame(ticket_id=there.pk, message_id=message.pk, number=here.number),
    )


@transaction.atomic
def link(ticket_number: str, other_number: str, *, by: Actor, now: datetime) -> None:
    """Nothing moves and nobody learns anything: each page names the other to those who may see it."""
    ticket, other = pair(ticket_number, other_number, by=by)
    one, two = sorted((ticket.pk, other.pk))
    _, is_new = TicketLink.objects.get_or_create(one_id=one, other_id=two)
    if is_new:
        _tell_both(TicketsLinked, ticket, other, by=by, now=now)


@transaction.atomic
def unlink(ticket_number: str, other_number: str, *, by: Actor, now: datetime) -> None:
    ticket, other = pair(ticket_number, other_number, by=by)
    one, two = sorted((ticket.pk, other.pk))
    if TicketLink.objects.filter(one_id=one, other_id=two).delete()[0]:
        _tell_both(TicketsUnlinked, ticket, other, by=by, now=now)


def _tell_both(
    what: type[TicketsLinked] | type[TicketsUnlinked], ticket: Ticket, other: Ticket, *, by: Actor, now: datetime
) -> None:
    touch(ticket, now=now)
    touch(other, now=now)
    outbox.record(
        what(ticket_id=ticket.pk, number=other.number),
        what(ticket_id=other.pk, number=ticket.number),
        by=by.key,
        now=now,
    )
