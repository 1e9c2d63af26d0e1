"""Clocks of tickets: every change is a ledger entry, `due_at` is read from the replay. The caller holds the locks."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from core.clock import NEVER
from sla.policies import targets
from sla.policies.clock import ClockState, Entry, replay
from tickets.enums import Metric, Status
from tickets.models import Clock, ClockEntry, Ticket
from tickets.policies.lifecycle import PAUSES_CLOCKS
from tickets.services import rows

_TARGETS = {Metric.FIRST_RESPONSE: targets.FIRST_RESPONSE, Metric.NEXT_RESPONSE: targets.NEXT_RESPONSE}


def due_of(ticket: Ticket, clock_due_at: datetime | None) -> datetime:
    """Where a ticket stands in the queue: at its open clock or its nearest promise, whichever is sooner."""
    if ticket.is_spam or ticket.merged_into_id or Status(ticket.status).is_done:
        return NEVER
    return min(clock_due_at or NEVER, ticket.promised_at or NEVER)


def open_due_at(ticket: Ticket) -> datetime | None:
    return Clock.objects.filter(ticket=ticket, is_open=True).values_list("due_at", flat=True).first()


def begun(ticket: Ticket, metric: Metric, *, now: datetime) -> tuple[Clock, ClockEntry]:
    """A running clock and the first line of its ledger, for the caller to save; no other clock may be open.

    Sets `ticket.due_at`, does not save it.
    """
    target = _TARGETS[metric][ticket.priority]
    clock = Clock(ticket=ticket, metric=metric.value, target=target, due_at=now + target)
    ticket.due_at = due_of(ticket, clock.due_at)
    return clock, ClockEntry(clock=clock, entry=Entry.STARTED, at=now)


def begun_aside(ticket: Ticket, metric: Metric, *, reason: str, now: datetime) -> tuple[Clock, list[ClockEntry]]:
    """The same, set aside from the start. Taken back, it has run since now."""
    clock, started = begun(ticket, metric, now=now)
    clock.is_open, clock.due_at, ticket.due_at = False, None, NEVER
    return clock, [started, ClockEntry(clock=clock, entry=Entry.SET_ASIDE, reason=reason, at=now)]


class Clocks:
    """The open clocks of locked tickets, and those `also` named: read at once, changed here, written at once.

    Four queries for any number of tickets, none to write where nothing changed. Sets `ticket.due_at`, does not save it.
    """

    def __init__(self, tickets: Iterable[Ticket], *, also: Collection[int] = ()) -> None:
        found = list(Clock.objects.filter(Q(ticket__in=tickets, is_open=True) | Q(pk__in=also)))
        self.all = {clock.pk: clock for clock in found}
        self.open = {clock.ticket_id: clock for clock in found if clock.is_open}
        self._ledgers: dict[int, list[tuple[Entry, datetime]]] = defaultdict(list)
        lines = ClockEntry.objects.filter(clock__in=self.all).order_by("id").values_list("clock_id", "entry", "at")
        for clock_id, entry, at in lines:
            self._ledgers[clock_id].append((Entry(entry), at))
        self._lines: list[ClockEntry] = []
        self._changed: dict[int, Clock] = {}
        self.told: dict[int, int] = {}  # ticket -> the clock that was told something

    def save(self) -> None:
        ClockEntry.objects.bulk_create(self._lines)
        rows.update(self._changed.values(), ["ticket", "target", "due_at", "is_open", "met_at"])

    def enter(self, clock: Clock, entry: Entry, ticket: Ticket, *, reason: str, now: datetime) -> None:
        self._ledgers[clock.pk].append((entry, now))
        self._lines.append(ClockEntry(clock=clock, entry=entry, reason=reason, at=now))
        self.told[ticket.pk] = clock.pk
        self.read(clock, ticket, now=now)

    def read(self, clock: Clock, ticket: Ticket, *, now: datetime) -> None:
        reading = replay(self._ledgers[clock.pk], target=clock.target, now=now)
        clock.due_at, clock.met_at = reading.due_at, reading.met_at
        clock.is_open = reading.state not in {ClockState.MET, ClockState.ASIDE}
        ticket.due_at = due_of(ticket, clock.due_at)
        self._changed[clock.pk] = clock

    def status_changed(self, ticket: Ticket, *, now: datetime) -> None:
        clock, status = self.open.get(ticket.pk), Status(ticket.status)
        if clock is None:
            ticket.due_at = due_of(ticket, None)
            return
        running = Entry.PAUSED if status in PAUSES_CLOCKS else Entry.RESUMED
        entry = Entry.MET if status.is_done else running
        self.enter(clock, entry, ticket, reason=status.value, now=now)

    def set_aside(self, ticket: Ticket, *, reason: str, now: datetime) -> None:
        """Stops the open clock without meeting it."""
        if clock := self.open.get(ticket.pk):
            self.enter(clock, Entry.SET_ASIDE, ticket, reason=reason, now=now)

    def take_back(self, clock_id: int, ticket: Ticket, *, reason: str, now: datetime) -> None:
        """As if the last thing told to this clock had never been: the customer's time ran on meanwhile."""
        self.enter(self.all[clock_id], Entry.TAKEN_BACK, ticket, reason=reason, now=now)


def customer_wrote(ticket: Ticket, *, now: datetime) -> None:
    """Whoever writes again is answered again: one open response clock, started if none runs."""
    clocks = Clocks([ticket])
    if open_one := clocks.open.get(ticket.pk):
        clocks.enter(open_one, Entry.RESUMED, ticket, reason="customer_wrote", now=now)
        clocks.save()
    else:
        clock, entry = begun(ticket, Metric.NEXT_RESPONSE, now=now)
        clock.save()
        entry.save()


def we_answered(ticket: Ticket, *, now: datetime) -> None:
    clocks = Clocks([ticket])
    if clock := clocks.open.get(ticket.pk):
        clocks.enter(clock, Entry.MET, ticket, reason="answered", now=now)
        clocks.save()
    ticket.due_at = due_of(ticket, None)


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
    clocks = Clocks([ticket], also=[clock.pk])
    clocks.take_back(clock.pk, ticket, reason="reply_withdrawn", now=now)
    if wrote_again:
        clocks.enter(clocks.all[clock.pk], Entry.RESUMED, ticket, reason="customer_wrote", now=now)
    clocks.save()


def priority_changed(ticket: Ticket, *, now: datetime) -> None:
    clocks = Clocks([ticket])
    if clock := clocks.open.get(ticket.pk):
        clock.target = _TARGETS[Metric(clock.metric)][ticket.priority]
        clocks.read(clock, ticket, now=now)
        clocks.save()
