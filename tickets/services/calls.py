"""Telephone calls that a colleague enters by hand. A call proves nothing; what it says of anybody is a claim."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from customers.policies.identity import ClaimKind
from customers.queries import Caller, email_of, phone_of
from events import outbox
from events.event import DomainEvent
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_call_to_work, get_ticket_to_work
from tickets.contracts import Address
from tickets.enums import Direction, Disposition, Kind, NumberSource
from tickets.event_types import CallAdded, CallClosed, CallNumberSent, CallOfTicketClosed, CallRegistered
from tickets.models import Call, IdentityClaim, Ticket
from tickets.numbers import CALLS, pretty
from tickets.services import notes, numbering, opening, promises
from tickets.services.critical.pressing import look_for_pressure, raise_pressure
from tickets.services.intake import touch
from tickets.services.opening import Opening
from tickets.services.refused import Refused
from tickets.services.uploads import staff_id_of

DOOR = "phone"
MOST_WORDS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """What the form said. `request_id` was hidden in it: sending it twice registers one call."""

    request_id: UUID
    direction: Direction
    number: str  # as the telephone showed it or the caller said it; "" of one withheld
    number_source: NumberSource
    caller: Caller | None  # chosen from those on file
    caller_name: str
    subject: str
    words: str
    language: str
    ticket: str = ""  # number of the one it is about


def register(new: NewCall, *, by: Actor, now: datetime) -> Call:
    """The call, new or the one that this form registered before."""
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible("only those who work tickets register calls")
    try:
        with transaction.atomic():
            return _before(new, by) or _register(new, by=by, now=now)
    except IntegrityError:  # the same form came twice at the same moment
        before = _before(new, by)
        if before is None:
            raise NotVisible("the form belongs to a call of somebody else") from None
        return before


def _before(new: NewCall, by: Actor) -> Call | None:
    return Call.objects.filter(public_id=new.request_id, staff_id=by.staff_id).first()


def _register(new: NewCall, *, by: Actor, now: datetime) -> Call:
    phone, subject, words = phone_of(new.number), " ".join(new.subject.split()), new.words.strip()
    if not (phone.literal or new.caller or new.caller_name.strip() or subject or words):
        raise Refused("empty_call")
    if len(words) > MOST_WORDS:
        raise Refused("long_call")
    call = Call.objects.create(
        public_id=new.request_id,
        number=numbering.issue(1, prefix=CALLS, now=now)[0],
        direction=new.direction.value,
        caller_number=phone.number,
        caller_literal=phone.literal[:100],
        number_source=new.number_source.value,
        caller_name=" ".join(new.caller_name.split())[:200],
        staff_id=staff_id_of(by),
        account_id=new.caller.account_id if new.caller else None,
        contact_id=new.caller.contact_id if new.caller else None,
        language=new.language,
        subject=subject[:500],
        words=words,
        started_at=now,
    )
    told = CallRegistered(call_id=call.pk, number=call.number, direction=call.direction)
    outbox.record(told, by=by.key, now=now)
    if new.ticket:
        _add(call, new.ticket, by=by, now=now)
    _look(call, now=now)
    return call


@transaction.atomic
def add_to_ticket(number: str, ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    """The call becomes part of what the ticket tells."""
    return _add(_without_ticket(number, by), ticket_number, by=by, now=now)


def _add(call: Call, ticket_number: str, *, by: Actor, now: datetime) -> Ticket:
    try:
        ticket = get_ticket_to_work(by, ticket_number)
    except NotVisible:
        raise Refused("no_such_ticket") from None
    text = "\n\n".join(filter(None, (call.subject, call.words)))
    note, noted = notes.write(ticket, text, by=by, now=now)
    _put(call, ticket, note.pk)
    touch(ticket, now=now)
    outbox.record(noted, _added(call), by=by.key, now=now)
    return ticket


def _put(call: Call, ticket: Ticket, note_id: int) -> None:
    call.ticket, call.note_id = ticket, note_id
    call.account_id = call.account_id or ticket.account_id
    call.save(update_fields=["ticket", "note", "account"])


def _added(call: Call) -> CallAdded:
    assert call.ticket_id is not None
    return CallAdded(ticket_id=call.ticket_id, call_id=call.pk, number=call.number)


def _without_ticket(number: str, by: Actor) -> Call:
    call = get_call_to_work(by, number)
    if call.ticket_id is not None:
        raise Refused("call_in_ticket")
    return call


@transaction.atomic
def open_ticket(
    number: str,
    *,
    by: Actor,
    queue: str,
    kind: Kind,
    subject: str,
    our_address: str,
    answer_to: str = "",
    now: datetime,
) -> Ticket:
    """One ticket a call. `answer_to` is an address as the caller names it: the address on file is not shown to the
    agent, so that he cannot tell it.
    """
    call = _without_ticket(number, by)
    call.subject = " ".join(subject.split())[:500]
    call.save(update_fields=["subject"])
    ticket, note = opening.begin_with_note(
        Opening(
            request_id=uuid4(),
            to=Address(answer_to, call.contact.name if call.contact else call.caller_name),
            person=None,
            queue=queue,
            kind=kind,
            subject=call.subject,
            text=call.words or call.subject,
            language=call.language,
            our_address=our_address,
            with_letter=False,
            door=DOOR,
            account_id=call.account_id,
            contact_id=call.contact_id,
        ),
        by=by,
        now=now,
    )
    _put(call, ticket, note.pk)
    if call.caller_number and call.number_source == NumberSource.SHOWN:
        IdentityClaim.objects.create(
            ticket=ticket, kind=ClaimKind.PHONE.value, value=call.caller_number, literal=call.caller_literal
        )
    outbox.record(_added(call), by=by.key, now=now)
    return ticket


@transaction.atomic
def close(
    number: str,
    disposition: Disposition,
    *,
    summary: str,
    is_for_customer: bool,
    call_back_by: datetime | None = None,
    by: Actor,
    now: datetime,
) -> Call:
    """By whoever had the call, or by somebody who gives work to others: a call that was forgotten holds its agent.

    `call_back_by` becomes a promise of the call's ticket, where one was promised.
    """
    call = get_call_to_work(by, number)
    if call.staff_id != by.staff_id and not by.may(Perm.ASSIGN_OTHERS):
        raise Refused("call_of_other")
    if call.ended_at is not None:
        raise Refused("call_ended")
    if len(summary) > MOST_WORDS:
        raise Refused("long_call")
    ticket = call.ticket
    promised = call_back_by if disposition is Disposition.CALLBACK else None
    if ticket is None and (promised or disposition in (Disposition.TICKET_OPENED, Disposition.ADDED)):
        raise Refused("call_without_ticket")
    is_erased = ticket is not None and ticket.erased_at is not None  # no words come back into it
    call.ended_at, call.disposition = now, disposition.value
    call.summary, call.is_for_customer = "" if is_erased else summary.strip(), is_for_customer
    call.save(update_fields=["ended_at", "disposition", "summary", "is_for_customer"])
    told: list[DomainEvent] = [CallClosed(call_id=call.pk, disposition=call.disposition)]
    if ticket is not None:
        if promised:
            told.append(_promise(ticket, promised, by=by, now=now))
        told.append(
            CallOfTicketClosed(ticket_id=ticket.pk, call_id=call.pk, number=call.number, disposition=call.disposition)
        )
        touch(ticket, now=now)
    outbox.record(*told, by=by.key, now=now)
    if disposition is Disposition.PRESSURE and call.account_id is not None and (alarmed := _alarmed(call)):
        raise_pressure(alarmed, call.account_id, ("agent",), by=by.key, now=now)
    return call


def _promise(ticket: Ticket, due_at: datetime, *, by: Actor, now: datetime) -> DomainEvent:
    with translation.override(ticket.language):
        promised = promises.Promised(due_at, gettext("We call you back"))
    promises.check(ticket, promised, now=now)
    _made, event = promises.add(ticket, promised, by=by, now=now)
    promises.settle(ticket)
    return event


@transaction.atomic
def send_number(number: str, *, by: Actor, now: datetime) -> None:
    """Once, to the address on file of whom the caller said to be: never to one that he names, and nothing he said."""
    call = get_call_to_work(by, number)
    if call.number_sent_at is not None:
        raise Refused("number_sent")
    address = email_of(call.account_id, call.contact_id)
    if not address or call.account_id is None:
        raise Refused("no_address_on_file")
    shown = pretty(call.ticket.number) if call.ticket else pretty(call.number, CALLS)
    queued = letters.queue(
        call.account_id,
        [address],
        "call_number",
        subject=_("The number of your call: %(number)s"),
        context={"number": shown, "at": call.started_at, "is_ours": call.direction == Direction.OUTBOUND},
        language=call.language,
        now=now,
    )
    call.number_sent_at = now
    call.save(update_fields=["number_sent_at"])
    told = CallNumberSent(call_id=call.pk, letter_ids=tuple(letter.pk for letter in queued))
    outbox.record(told, by=by.key, now=now)


def _look(call: Call, *, now: datetime) -> None:
    if call.account_id is not None and (ticket := _alarmed(call)):
        look_for_pressure(call.account_id, ticket, now=now)


def _alarmed(call: Call) -> Ticket | None:
    """Where the alarm stands: in the ticket of the call, else in the newest of the account. Without any ticket
    nothing could be asked of the account that would have to be held.
    """
    tickets = Ticket.objects.select_for_update(of=("self",)).order_by("-id")
    about = {"pk": call.ticket_id} if call.ticket_id is not None else {"account": call.account_id}
    return tickets.filter(**about).first()
