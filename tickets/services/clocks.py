"""Clocks of a ticket: every change is a ledger entry, `due_at` is read from the replay. The caller holds the lock."""

from datetime import datetime

from core.clock import NEVER
from sla.policies import targets
from sla.policies.clock import Entry, replay
from tickets.enums import Metric, Status
from tickets.models import Clock, ClockEntry, Ticket
from tickets.policies.lifecycle import PAUSES_CLOCKS

_TARGETS = {Metric.FIRST_RESPONSE: targets.FIRST_RESPONSE, Metric.NEXT_RESPONSE: targets.NEXT_RESPONSE}


def begun(ticket: Ticket, metric: Metric, *, now: datetime) -> tuple[Clock, ClockEntry]:
    """A running clock and the first line of its ledger, for the caller to save; no other clock may be open.

    Sets `ticket.due_at`, does not save it.
    """
    target = _TARGETS[metric][ticket.priority]
    clock = Clock(ticket=ticket, metric=metric.value, target=target, due_at=now + target)
    ticket.due_at = now + target
    return clock, ClockEntry(clock=clock, entry=Entry.STARTED, at=now)


def customer_wrote(ticket: Ticket, *, now: datetime) -> None:
    """Whoever writes again is answered again: one open response clock, started if none runs."""
    clock = _open(ticket)
    if clock is None:
        clock, entry = begun(ticket, Metric.NEXT_RESPONSE, now=now)
        clock.save()
        entry.save()
    else:
        _enter(clock, Entry.RESUMED, ticket, reason="customer_wrote", now=now)


def we_answered(ticket: Ticket, *, now: datetime) -> None:
    clock = _open(ticket)
    if clock is not None:
        _enter(clock, Entry.MET, ticket, reason="answered", now=now)
    ticket.due_at = NEVER


def answer_taken_back(ticket: Ticket, *, answered_at: datetime, now: datetime) -> None:
    """The clock that the answer met goes on as if there had been none.

    One started since measures the time after an answer that never was: what the customer wrote belongs to the old one.
    """
    clock = Clock.objects.filter(ticket=ticket, is_open=False, met_at=answered_at).order_by("-id").first()
    if clock is None:
        return
    since = Clock.objects.filter(ticket=ticket, is_open=True)
    wrote_again = since.exists()
    ClockEntry.objects.filter(clock__in=since).delete()
    since.delete()
    clock.is_open, clock.met_at = True, None
    _enter(clock, Entry.UNMET, ticket, reason="reply_withdrawn", now=now)
    if wrote_again:
        _enter(clock, Entry.RESUMED, ticket, reason="customer_wrote", now=now)


def status_changed(ticket: Ticket, *, now: datetime) -> None:
    clock = _open(ticket)
    if clock is None:
        return
    status = Status(ticket.status)
    if status.is_done:
        _enter(clock, Entry.MET, ticket, reason=status.value, now=now)
    elif status in PAUSES_CLOCKS:
        _enter(clock, Entry.PAUSED, ticket, reason=status.value, now=now)
    else:
        _enter(clock, Entry.RESUMED, ticket, reason=status.value, now=now)


def priority_changed(ticket: Ticket, *, now: datetime) -> None:
    clock = _open(ticket)
    if clock is not None:
        clock.target = _TARGETS[Metric(clock.metric)][ticket.priority]
        _read(clock, ticket, now=now)


def _open(ticket: Ticket) -> Clock | None:
    return Clock.objects.filter(ticket=ticket, is_open=True).first()


def _enter(clock: Clock, entry: Entry, ticket: Ticket, *, reason: str, now: datetime) -> None:
    ClockEntry.objects.create(clock=clock, entry=entry, reason=reason, at=now)
    if entry is Entry.MET:
        clock.is_open, clock.met_at = False, now
    _read(clock, ticket, now=now)


def _read(clock: Clock, ticket: Ticket, *, now: datetime) -> None:
    ledger = [(Entry(e), at) for e, at in clock.entries.order_by("id").values_list("entry", "at")]
    clock.due_at = replay(ledger, target=clock.target, now=now).due_at
    clock.save(update_fields=["target", "due_at", "is_open", "met_at"])
    ticket.due_at = clock.due_at or NEVER
