"""What a customer does with his ticket in the panel, or its requester with a mailed code: answer, close, reopen."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from assurance.models import Evidence
from assurance.policies.levels import typed_level
from core.trust import FactKind
from customers.actor import Customer
from events import outbox
from staff.actor import REQUESTER
from tickets.access import NotVisible, get_ticket_for_customer, standing_in
from tickets.contracts import Typed
from tickets.enums import Author, Direction, Held, Kind, Status
from tickets.event_types import MessageHeld, MessageReceived, StatusChanged
from tickets.models import Attachment, Message, MessageSecret, Ticket
from tickets.policies import lifecycle
from tickets.policies.concern import Why, concerned
from tickets.policies.participation import PartRight
from tickets.services import checklists, clocks, levels, promises, secrets
from tickets.services.checklists import Tick
from tickets.services.clocks import Clocks
from tickets.services.intake import preview_of, touch
from tickets.services.refused import Refused
from tickets.services.uploads import attachments_of


@dataclass(frozen=True, slots=True)
class _Writer:
    key: str
    name: str
    email: str
    is_requester: bool
    is_held: bool = False
    since: datetime | None = None  # what was asked before is not for him


def answer(
    customer: Customer, public_id: UUID | str, typed: Typed, *, ticks: Sequence[Tick] = (), now: datetime
) -> Message:
    """Written in the panel. A colleague's words stand under his own name and prove nothing of the requester.

    Those of a participant who may only see wait until an agent lets them in, as a letter of any other sender does; he
    ticks nothing off. With what is ticked off of the checklist it is one message all the same.
    Raises `NotVisible`, and `Refused` for empty text or for ticks that come too late. The same
    `typed.request_id` is written once.
    """

    def ticket() -> tuple[Ticket, _Writer]:
        found = get_ticket_for_customer(customer, public_id, lock=True)
        part = standing_in(customer, found)
        is_held = PartRight.REPLY not in part.rights
        is_requester = found.contact_id == customer.contact_id
        return found, _Writer(customer.key, customer.name, customer.email, is_requester, is_held, part.since)

    return _once(ticket, typed, ticks, now=now)


def answer_with_code(number: str, typed: Typed, *, now: datetime) -> Message:
    """Written on the status page by whoever entered the code mailed to the ticket's own address."""
    proven = {fact.subject for fact in typed.facts if fact.kind is FactKind.ADDRESS_CODE and fact.verdict == "entered"}

    def ticket() -> tuple[Ticket, _Writer]:
        living = Ticket.objects.select_for_update(of=("self",)).exclude(kind=Kind.RESTRICTED.value)
        found = living.filter(number=number, merged_into=None, is_spam=False, requester_email__in=proven).first()
        if found is None or not found.requester_email:
            raise NotVisible(number)
        return found, _Writer(REQUESTER.key, found.requester_name, found.requester_email, is_requester=True)

    return _once(ticket, typed, (), now=now)


@transaction.atomic
def close(customer: Customer, public_id: UUID | str, *, waived: Collection[str] = (), now: datetime) -> Ticket:
    """The customer needs nothing more. Closing what is closed changes nothing.

    What we promised to do we still owe him, unless he names it in `waived`: until then it is `Refused`.
    """
    return _put(customer, public_id, Status.CLOSED, waived=waived, now=now)


@transaction.atomic
def reopen(customer: Customer, public_id: UUID | str, *, now: datetime) -> Ticket:
    """It is not solved. What is open stays as it is."""
    return _put(customer, public_id, Status.OPEN, now=now)


def _put(
    customer: Customer, public_id: UUID | str, status: Status, *, waived: Collection[str] = (), now: datetime
) -> Ticket:
    ticket = get_ticket_for_customer(customer, public_id, lock=True)
    _must_be_his(customer, ticket)
    before = Status(ticket.status)
    if before is status or (status is Status.OPEN and not before.is_done):
        return ticket
    ended = promises.waive(ticket, waived, by=customer, now=now) if status.is_done else []
    if status.is_done:
        promises.must_owe_him_nothing(ticket, now=now)
    ticket.status = status.value
    if status.is_done:
        ledger = Clocks([ticket])
        ledger.status_changed(ticket, now=now)
        ledger.save()
        ticket.is_unread = False
    else:
        clocks.customer_wrote(ticket, now=now)
        ticket.is_unread = True
    touch(ticket, now=now)
    tells = concerned((Why.FOLLOWED_CHANGED, ticket.followers), by=None)
    changed = StatusChanged(ticket_id=ticket.pk, before=before.value, after=status.value, tells=tells)
    outbox.record(*ended, changed, by=customer.key, now=now)
    return ticket


def _must_be_his(customer: Customer, ticket: Ticket) -> None:
    if not standing_in(customer, ticket).is_his:
        raise NotVisible(ticket.public_id)


def _once(
    ticket: Callable[[], tuple[Ticket, _Writer]], typed: Typed, ticks: Sequence[Tick], *, now: datetime
) -> Message:
    if not typed.text.strip() and not ticks and not typed.secret.strip():
        raise Refused("empty_text")
    if len(typed.secret) > secrets.MOST_ONCE:
        raise Refused("secret_too_long")
    try:
        with transaction.atomic():
            found, writer = ticket()
            return _written_before(found, typed) or _write(found, writer, typed, ticks, now=now)
    except IntegrityError as error:  # the same form came twice at the same moment, or belongs to another ticket
        with transaction.atomic():
            found, _ = ticket()
            if before := _written_before(found, typed):
                return before
        raise NotVisible(typed.request_id) from error


def _written_before(ticket: Ticket, typed: Typed) -> Message | None:
    return Message.objects.filter(ticket=ticket, raw_id=str(typed.request_id)).first()


def _write(ticket: Ticket, writer: _Writer, typed: Typed, ticks: Sequence[Tick], *, now: datetime) -> Message:
    if ticks and writer.is_held:
        raise NotVisible(ticket.public_id)
    given = checklists.given(ticket, ticks, since=writer.since, now=now)
    decision, kind = typed_level(typed.facts)
    facts = [fact.as_json() for fact in typed.facts]
    message = Message(
        ticket=ticket,
        direction=Direction.INBOUND.value,
        author=(Author.REQUESTER if writer.is_requester else Author.OTHER_SENDER).value,
        held=(Held.WAITING if writer.is_held else Held.NO if writer.is_requester else Held.ACCEPTED).value,
        level=int(decision.level),
        reasons=list(decision.reasons),
        facts=facts,
        sender_email=writer.email,
        sender_name=writer.name,
        subject=ticket.subject,
        text=checklists.words_of(given, typed.text),
        message_id=f"{typed.request_id.hex}@{kind}",
        raw_id=str(typed.request_id),
        created_at=now,
    )
    hidden = secrets.taken_out_of(message)
    if typed.secret.strip():
        hidden.append(secrets.given_once(message, typed.secret.strip(), place=len(hidden) + 1))
    message.save()
    MessageSecret.objects.bulk_create(hidden)
    files = [*(file for tick in ticks for file in tick.files), *typed.files]
    Attachment.objects.bulk_create(attachments_of(files, message))
    if writer.is_held:
        ticket.held_count += 1
        touch(ticket, now=now)
        waits = MessageHeld(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level))
        outbox.record(waits, by=writer.key, now=now)
        return message
    answered = checklists.tick_off(given, message, by=writer.key, now=now)
    if writer.is_requester:
        Evidence.objects.create(
            ticket=ticket, message=message, kind=kind, level=int(decision.level), at=now, facts=facts
        )
        levels.judge(ticket, now=now)
    is_list_alone = bool(given) and not typed.text.strip() and not typed.secret.strip()
    left = checklists.told_to(ticket, now=now).filter(done_at=None).count() if is_list_alone else 0
    ticket.status = lifecycle.after_customer_ticked(Status(ticket.status), left=left).value
    ticket.is_unread = True
    ticket.preview = preview_of(message.text)
    if Status(ticket.status) is not Status.WAITING_CUSTOMER:
        clocks.customer_wrote(ticket, now=now)
    touch(ticket, now=now)
    tells = concerned((Why.WROTE, [ticket.assignee_id]), (Why.FOLLOWED_WROTE, ticket.followers), by=None)
    received = MessageReceived(ticket_id=ticket.pk, message_id=message.pk, level=int(decision.level), tells=tells)
    outbox.record(received, *answered, by=writer.key, now=now)
    return message
