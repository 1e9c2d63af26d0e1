"""Signs that somebody pushes, and the flag that holds the actions of an account."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from assurance.models import CriticalAction
from assurance.policies.critical import ActionState
from assurance.services import pressure
from customers.models import ContactPoint
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.queries import holders
from staff.roles import Perm, Role
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import Direction, Status
from tickets.event_types import ActionRefused, PressureRaised
from tickets.models import Call, Ticket
from tickets.policies.concern import Why, concerned
from tickets.services.critical.common import move, must, tell_outcome
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


@transaction.atomic
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


def refuse_action(action: CriticalAction, ticket: Ticket, *, by: str, now: datetime) -> None:
    """In the caller's transaction, both locked: it ends, holds the account and calls the leads."""
    action.state, action.ended_by, action.ended_at = ActionState.REFUSED.value, by, now
    action.save()
    told = ActionRefused(
        ticket_id=ticket.pk,
        action_id=action.pk,
        kind=action.kind.code,
        tells=concerned((Why.ALARM, holders(Role.LEAD)), (Why.PROVEN, [ticket.assignee_id]), by=None),
    )
    move(ticket, Status.OPEN, told, by=by, now=now)
    raise_pressure(ticket, action.account_id, ("refused",), by=by, now=now)
    tell_outcome(action, ticket, "refused", now=now)


def look_for_pressure(account_id: int, ticket: Ticket, *, now: datetime) -> None:
    since = now - pressure.DAY
    about = Call.objects.filter(account_id=account_id, direction=Direction.INBOUND, started_at__gt=since)
    accounts = _accounts_of_callers(about, since=since)
    if why := pressure.seen_in(account_id, calls=about.count(), accounts_of_caller=accounts, now=now):
        raise_pressure(ticket, account_id, why, by=SYSTEM.key, now=now)


def _accounts_of_callers(about: QuerySet[Call], *, since: datetime) -> int:
    """The most accounts about which one of the numbers of these calls has called, where it is not on file for them."""
    on_file = ContactPoint.objects.filter(account=OuterRef("account"), kind="phone", value=OuterRef("caller_number"))
    numbers = about.exclude(caller_number="").exclude(Exists(on_file)).values("caller_number")
    others = Call.objects.filter(
        ~Exists(on_file),
        caller_number__in=numbers,
        direction=Direction.INBOUND,
        started_at__gt=since,
        account__isnull=False,
    )
    found = others.values("caller_number").annotate(accounts=Count("account", distinct=True)).order_by("-accounts")
    return found.values_list("accounts", flat=True).first() or 0
