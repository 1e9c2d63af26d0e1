"""Who follows a ticket: whoever wants to, and whoever was named in a note of it. He is told of what happens there."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BigIntegerField, F, Func, Value

from events import outbox
from staff.actor import Actor
from tickets.access import get_ticket_for, living_number
from tickets.models import Ticket
from tickets.services.uploads import staff_id_of


def follow(ticket_number: str, *, by: Actor) -> None:
    """A merged ticket stands for that into which it went."""
    _set(ticket_number, by, _with(staff_id_of(by)))


def unfollow(ticket_number: str, *, by: Actor) -> None:
    _set(ticket_number, by, _without(staff_id_of(by)))


def add(ticket: Ticket, staff_ids: Iterable[int]) -> None:
    """To a locked or new ticket."""
    followers = joined(ticket, staff_ids)
    if followers != ticket.followers:
        ticket.followers = followers
        ticket.save(update_fields=["followers"])


def joined(ticket: Ticket, staff_ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys([*ticket.followers, *staff_ids]))


def _without(staff_id: int) -> Func:
    return Func(F("followers"), Value(staff_id, BigIntegerField()), function="array_remove")


def _with(staff_id: int) -> Func:
    return Func(_without(staff_id), Value(staff_id, BigIntegerField()), function="array_append")


@transaction.atomic
def _set(ticket_number: str, by: Actor, followers: Func) -> None:
    """One statement on the row as it is then. Nothing about the ticket changes: its version stays, and with it what
    others may take back."""
    ticket = get_ticket_for(by, ticket_number)
    if ticket.merged_into_id:
        ticket = get_ticket_for(by, living_number(ticket))
    followers.output_field = ArrayField(BigIntegerField())
    Ticket.objects.filter(pk=ticket.pk).update(followers=followers)
    outbox.ring(f"nudge ticket:{ticket.pk}")
