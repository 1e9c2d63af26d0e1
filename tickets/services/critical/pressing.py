"""Signs that somebody pushes, and the flag that holds the actions of an account."""

from datetime import datetime

from django.db import transaction

from assurance.services import pressure
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.queries import holders
from staff.roles import Perm, Role
from tickets.access import NotVisible, get_ticket_to_work
from tickets.event_types import (
    PressureRaised,
)
from tickets.models import Ticket
from tickets.policies.concern import Why, concerned
from tickets.services.critical.common import must
from tickets.services.intake import touch
from tickets.services.refused import Refused


@transaction.atomic
def press(number: str, *, by: Actor, now: datetime) -> None:
    """The agent's own button: somebody pushes. Nobody is ever blamed for it."""
    ticket = get_ticket_to_work(by, number)
    must(by, Perm.EXECUTE_ACTIONS, number)
    if ticket.account_id is None:
        raise Refused("no_account")
    raise_pressure(ticket, ticket.account_id, ("agent",), by=by.key, now=now)


def lift(number: str, *, by: Actor, now: datetime) -> None:
    ticket = get_ticket_to_work(by, number)
    if ticket.account_id is None or not pressure.lift(ticket.account_id, by=by, now=now):
        raise NotVisible(number)


def raise_pressure(ticket: Ticket, account_id: int, why: tuple[str, ...], *, by: str, now: datetime) -> None:
    """In the caller's transaction, the ticket locked. Leads hear of it once."""
    if pressure.raise_flag(account_id, why, ticket_id=ticket.pk, by=by, now=now) is None:
        return
    touch(ticket, now=now)
    tells = concerned((Why.ALARM, holders(Role.LEAD)), by=None)
    outbox.record(PressureRaised(ticket_id=ticket.pk, reasons=why, tells=tells), by=by, now=now)


def look_for_pressure(account_id: int, ticket: Ticket, *, now: datetime) -> None:
    if why := pressure.seen_in(account_id, now=now):
        raise_pressure(ticket, account_id, why, by=SYSTEM.key, now=now)
