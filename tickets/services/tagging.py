"""Tags: the desk's own words on tickets. Whoever sets the desk up makes them, whoever works a ticket gives them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import TAG_COLOURS
from tickets.event_types import TagSetUp, TicketTagged, TicketUntagged
from tickets.models import Tag, Ticket, TicketTag
from tickets.services.conversation import Refused
from tickets.services.intake import touch

LONGEST_NAME = 40


@transaction.atomic
def create(*, name: str, colour: str, by: Actor, now: datetime) -> Tag:
    """Raises `Refused`: "no_name", "long_name", "name_taken", "no_such_colour"."""
    _require_set_up(by)
    tag = Tag()
    _name(tag, name=name, colour=colour)
    _record(tag, "added", by=by, now=now)
    return tag


@transaction.atomic
def rename(tag_id: int, *, name: str, colour: str, by: Actor, now: datetime) -> Tag:
    """The name follows to every ticket that bears the tag."""
    tag = _of_set_up(tag_id, by)
    _name(tag, name=name, colour=colour)
    _record(tag, "changed", by=by, now=now)
    return tag


@transaction.atomic
def retire(tag_id: int, *, by: Actor, now: datetime) -> None:
    tag = _of_set_up(tag_id, by)
    if tag.is_active:
        tag.is_active = False
        tag.save(update_fields=["is_active"])
        _record(tag, "retired", by=by, now=now)


@transaction.atomic
def bring_back(tag_id: int, *, by: Actor, now: datetime) -> None:
    tag = _of_set_up(tag_id, by)
    if not tag.is_active:
        tag.is_active = True
        tag.save(update_fields=["is_active"])
        _record(tag, "brought_back", by=by, now=now)


def _require_set_up(by: Actor) -> None:
    if not by.may(Perm.SET_UP):
        raise NotVisible("tags")


def _of_set_up(tag_id: int, by: Actor) -> Tag:
    _require_set_up(by)
    tag = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if tag is None:
        raise NotVisible(tag_id)
    return tag


def _name(tag: Tag, *, name: str, colour: str) -> None:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Refused("no_name")
    if len(name) > LONGEST_NAME:
        raise Refused("long_name")
    if colour not in TAG_COLOURS:
        raise Refused("no_such_colour")
    if Tag.objects.exclude(pk=tag.pk).filter(name__iexact=name).exists():
        raise Refused("name_taken")
    tag.name, tag.colour = name, colour
    try:
        tag.save()
    except IntegrityError:  # somebody else gave the name at the same moment
        raise Refused("name_taken") from None


def _record(tag: Tag, what: str, *, by: Actor, now: datetime) -> None:
    outbox.record(TagSetUp(tag_id=tag.pk, name=tag.name, colour=tag.colour, what=what), by=by.key, now=now)


@transaction.atomic
def add(ticket_number: str, *, tag_id: int, by: Actor, now: datetime) -> Ticket:
    ticket = get_ticket_to_work(by, ticket_number)
    tag = offered(tag_id)
    if give([ticket], tag):
        touch(ticket, now=now)
        outbox.record(TicketTagged(ticket_id=ticket.pk, tag_id=tag.pk, name=tag.name), by=by.key, now=now)
    return ticket


@transaction.atomic
def remove(ticket_number: str, *, tag_id: int, by: Actor, now: datetime) -> Ticket:
    """A retired tag can be taken off, too."""
    ticket = get_ticket_to_work(by, ticket_number)
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is not None and take([ticket], tag):
        touch(ticket, now=now)
        outbox.record(TicketUntagged(ticket_id=ticket.pk, tag_id=tag.pk, name=tag.name), by=by.key, now=now)
    return ticket


def offered(tag_id: int) -> Tag:
    tag = Tag.objects.filter(pk=tag_id, is_active=True).first()
    if tag is None:
        raise Refused("no_such_tag")
    return tag


def give(tickets: Sequence[Ticket], tag: Tag) -> set[int]:
    """Puts the tag on locked tickets; the ids of those that had it not. Two queries."""
    bearing = set(TicketTag.objects.filter(ticket__in=tickets, tag=tag).values_list("ticket_id", flat=True))
    new = [ticket for ticket in tickets if ticket.pk not in bearing]
    TicketTag.objects.bulk_create([TicketTag(ticket=ticket, tag=tag) for ticket in new])
    return {ticket.pk for ticket in new}


def take(tickets: Sequence[Ticket], tag: Tag) -> int:
    """Takes the tag off locked tickets; how many had it."""
    return TicketTag.objects.filter(ticket__in=tickets, tag=tag).delete()[0]
