"""Tickets whose words are past their time, and those that are kept whatever the rule says."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from assurance.models import CriticalAction
from assurance.policies.critical import OPEN
from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_for
from tickets.enums import DONE
from tickets.event_types import TicketKept, TicketLetGo
from tickets.models import Message, SideLetter, Ticket
from tickets.services.erasing import Asked, asked_in
from tickets.services.refused import Refused

MOST_REASON = 300


def closed(before: datetime) -> QuerySet[Ticket]:
    """Done, and nothing happened to them since. What was merged follows the one it went into."""
    is_alone = Q(merged_into=None) | Q(merged_into__erased_at__isnull=False)
    return _erasable(is_alone, status__in=DONE, is_spam=False, updated_at__lt=before).order_by("updated_at", "id")


def spam(before: datetime) -> QuerySet[Ticket]:
    return _erasable(is_spam=True, spam_since__lt=before).order_by("spam_since", "id")


def take(found: QuerySet[Ticket], at_most: int) -> Asked:
    """Locks some of them, in the caller's transaction. One that somebody holds at this moment waits."""
    locked = found.select_for_update(of=("self",), skip_locked=True)
    return asked_in(list(locked.only("number", "status", "is_spam", "keep_reason")[:at_most]))


def _erasable(*which: Q, **more: Any) -> QuerySet[Ticket]:
    """Neither kept nor with a kept one in it, and without a critical action that is still open."""
    open_actions = CriticalAction.objects.filter(ticket=OuterRef("pk"), state__in=OPEN)
    kept_inside = Ticket.objects.filter(merged_into=OuterRef("pk")).exclude(keep_reason="")
    found = Ticket.objects.filter(*which, erased_at=None, keep_reason="", **more)
    return found.exclude(Exists(open_actions)).exclude(Exists(kept_inside))


def kept_raw_ids() -> frozenset[str]:
    """Of the letters at kept tickets, which stay as they came."""
    kept = Ticket.objects.exclude(keep_reason="").values("pk")
    found = {
        *Message.objects.filter(ticket__in=kept).values_list("raw_id", flat=True),
        *SideLetter.objects.filter(conversation__ticket__in=kept).values_list("raw_id", flat=True),
    }
    return frozenset(found - {""})


@transaction.atomic
def keep(number: str, *, reason: str, by: Actor, now: datetime) -> None:
    """No rule and no request destroys it until it is let go. Raises `NotVisible` and `Refused`."""
    ticket = _locked(number, by)
    reason = " ".join(reason.split())[:MOST_REASON]
    if not reason:
        raise Refused("kept_for_nothing")
    if ticket.erased_at is not None:
        raise Refused("erased")
    _write(ticket, reason)
    outbox.record(TicketKept(ticket_id=ticket.pk, reason=reason), by=by.key, now=now)


@transaction.atomic
def let_go(number: str, *, by: Actor, now: datetime) -> None:
    ticket = _locked(number, by)
    if ticket.keep_reason:
        _write(ticket, "")
        outbox.record(TicketLetGo(ticket_id=ticket.pk), by=by.key, now=now)


def _locked(number: str, by: Actor) -> Ticket:
    if not by.may(Perm.TAKE_EVIDENCE):
        raise NotVisible(number)
    return get_ticket_for(by, number, lock=True)


def _write(ticket: Ticket, reason: str) -> None:
    """Its time of change stays: keeping a ticket makes it no younger."""
    ticket.keep_reason, ticket.version = reason, ticket.version + 1
    ticket.save(update_fields=["keep_reason", "version"])
