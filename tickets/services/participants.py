"""Who takes part in a ticket besides whoever asks: taken in by an agent or from the panel, never by mail alone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from customers.actor import Customer
from customers.models import ContactPoint
from events import outbox
from staff.actor import Actor
from tickets.access import NotVisible, get_ticket_for_customer, get_ticket_to_work, standing_in
from tickets.contracts import Address
from tickets.event_types import RecipientAdded, RecipientDropped, RecipientRightChanged
from tickets.models import Participant, Ticket
from tickets.numbers import pretty
from tickets.services.intake import touch
from tickets.services.refused import Refused

MOST = 20


@transaction.atomic
def add(ticket_number: str, address: Address, *, may_reply: bool, by: Actor, now: datetime) -> Participant:
    """He gets what is said from now on. Raises `Refused`: takes_part_already, too_many_recipients."""
    return _add(get_ticket_to_work(by, ticket_number), address, may_reply=may_reply, by=by.key, now=now)


@transaction.atomic
def set_reply(ticket_number: str, person_id: int, *, may_reply: bool, by: Actor, now: datetime) -> Participant:
    """Whether what he writes is a message of the ticket. Of who authorises nothing is said here."""
    ticket = get_ticket_to_work(by, ticket_number)
    person = _other(ticket, person_id)
    if person.dropped_at is not None:
        raise Refused("no_such_recipient")
    if person.may_reply != may_reply:
        person.may_reply = may_reply
        person.save(update_fields=["may_reply"])
        touch(ticket, now=now)
        changed = RecipientRightChanged(ticket_id=ticket.pk, participant_id=person.pk, may_reply=may_reply)
        outbox.record(changed, by=by.key, now=now)
    return person


@transaction.atomic
def drop(ticket_number: str, person_id: int, *, by: Actor, now: datetime) -> Participant:
    """For good: he is not offered again, and what he writes is held as any other sender's. Whoever asks stays."""
    ticket = get_ticket_to_work(by, ticket_number)
    return _drop(ticket, _other(ticket, person_id), by=by.key, now=now)


@transaction.atomic
def take_back(ticket_number: str, person_id: int, *, by: Actor, now: datetime) -> Participant:
    """What was said while he was away stays unsaid to him."""
    ticket = get_ticket_to_work(by, ticket_number)
    person = _other(ticket, person_id)
    if person.dropped_at is None:
        return person
    person = take_in(ticket, Address(person.email), may_reply=person.may_reply, by=by.key, now=now)
    return _told(RecipientAdded, ticket, person, by=by.key, now=now)


@transaction.atomic
def invite(
    customer: Customer,
    public_id: UUID | str,
    who: Address | int,
    *,
    may_reply: bool,
    now: datetime,
) -> Participant:
    """From the panel: an address, or a contact of the ticket's account by his id. The requester and all who decide
    about the account are told.

    Raises `NotVisible` for who may not, and `Refused`: no_such_contact, takes_part_already, too_many_recipients.
    """
    ticket = _to_change(customer, public_id)
    address = _on_file(ticket.account_id, who) if isinstance(who, int) else who
    person = _add(ticket, address, may_reply=may_reply, by=customer.key, now=now)
    _announce(ticket, "added", person, by=customer, now=now)
    return person


@transaction.atomic
def dismiss(customer: Customer, public_id: UUID | str, person_id: int, *, now: datetime) -> Participant:
    ticket = _to_change(customer, public_id)
    person = _other(ticket, person_id)
    if person.dropped_at is None:
        _drop(ticket, person, by=customer.key, now=now)
        _announce(ticket, "removed", person, by=customer, now=now)
    return person


@transaction.atomic
def leave(account_id: int, contact_id: int, *, by: Customer, now: datetime) -> None:
    """A contact who was removed from an account gets nothing more of its tickets, by mail either."""
    his = Participant.objects.filter(ticket__account_id=account_id, contact_id=contact_id, is_requester=False)
    takes_part = his.filter(dropped_at=None).values_list("ticket_id", flat=True)
    for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=list(takes_part)).order_by("pk"):
        for person in his.filter(ticket=ticket, dropped_at=None):
            _drop(ticket, person, by=by.key, now=now)


def take_in(ticket: Ticket, address: Address, *, may_reply: bool, by: str, now: datetime) -> Participant:
    """He takes part from now on; who does already keeps his day. The caller holds the ticket and tells of it.

    A person on file in the account of the ticket is bound to it and, with a sign-in, sees it in the panel.
    """
    joins = {"added_by": by, "added_at": now, "contact_id": _contact_at(ticket.account_id, address.email)}
    person, is_new = Participant.objects.get_or_create(
        ticket=ticket,
        email=address.email,
        defaults={"name": address.name[:1000], "may_reply": may_reply, **joins},
    )
    if not is_new:
        for name, value in joins.items() if person.dropped_at is not None else ():
            setattr(person, name, value)
        person.may_reply, person.dropped_at = may_reply, None
        person.save()
    return person


def _add(ticket: Ticket, address: Address, *, may_reply: bool, by: str, now: datetime) -> Participant:
    living = Participant.objects.filter(ticket=ticket, dropped_at=None)
    if living.filter(email=address.email).exists():
        raise Refused("takes_part_already")
    if living.count() >= MOST:
        raise Refused("too_many_recipients")
    person = take_in(ticket, address, may_reply=may_reply, by=by, now=now)
    return _told(RecipientAdded, ticket, person, by=by, now=now)


def _drop(ticket: Ticket, person: Participant, *, by: str, now: datetime) -> Participant:
    if person.dropped_at is not None:
        return person
    person.dropped_at = now
    person.save(update_fields=["dropped_at"])
    return _told(RecipientDropped, ticket, person, by=by, now=now)


def _told(
    event: type[RecipientAdded | RecipientDropped], ticket: Ticket, person: Participant, *, by: str, now: datetime
) -> Participant:
    touch(ticket, now=now)
    outbox.record(event(ticket_id=ticket.pk, participant_id=person.pk), by=by, now=now)
    return person


def _other(ticket: Ticket, person_id: int) -> Participant:
    person = Participant.objects.filter(ticket=ticket, pk=person_id).first()
    if person is None:
        raise Refused("no_such_recipient")
    if person.is_requester:
        raise Refused("drop_requester")
    return person


def _to_change(customer: Customer, public_id: UUID | str) -> Ticket:
    ticket = get_ticket_for_customer(customer, public_id, lock=True)
    if ticket.erased_at is not None or not standing_in(customer, ticket).may_invite:
        raise NotVisible(public_id)
    return ticket


def _contact_at(account_id: int | None, email: str) -> int | None:
    if account_id is None:
        return None
    known = ContactPoint.objects.filter(account_id=account_id, kind="email", value=email)
    return known.values_list("contact_id", flat=True).first()


def _on_file(account_id: int | None, contact_id: int) -> Address:
    """The address of a contact who has a role in this account."""
    if account_id is not None:
        points = ContactPoint.objects.filter(account_id=account_id, contact_id=contact_id, kind="email")
        point = points.filter(contact__roles__account_id=account_id).select_related("contact").order_by("id").first()
        if point is not None and point.contact is not None:
            return Address(point.value, point.contact.name)
    raise Refused("no_such_contact")


def _announce(ticket: Ticket, what: str, person: Participant, *, by: Customer, now: datetime) -> None:
    if ticket.account_id is None:  # nobody but the requester decides about it, and he did it
        return
    to: Iterable[str] = (ticket.requester_email, *letters.administrative_people(ticket.account_id))
    letters.queue(
        ticket.account_id,
        to,
        "participants",
        subject=_("Who takes part in %(number)s changed"),
        context={
            "what": what,
            "who": f"{person.name} {person.email}".strip(),
            "number": pretty(ticket.number),
            "by": by.name,
            "at": now,
        },
        language=ticket.language or settings.LANGUAGE_CODE,
        now=now,
    )
