"""What a ticket may be merged with, moved to or linked with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from assurance.models import CriticalAction
from assurance.policies.critical import OPEN
from core.trust import Level
from staff.actor import Actor
from tickets.access import get_ticket_for, visible_to
from tickets.enums import Kind, Status
from tickets.models import Message, Ticket
from tickets.numbers import pretty
from tickets.policies import merging
from tickets.policies.level import level_now
from tickets.policies.merging import Side

MOST = 10


@dataclass(frozen=True, slots=True)
class OtherTicket:
    number: str
    pretty_number: str
    subject: str
    status: str
    requester: str
    last_text: str
    messages: int
    refusal: str  # why the ticket at hand cannot go into it; "" where it can


@dataclass(frozen=True, slots=True)
class LetterView:
    public_id: str
    sender: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SortingPage:
    id: int
    number: str
    pretty_number: str
    subject: str
    others: tuple[OtherTicket, ...]  # of the same requester or account, not done
    into: OtherTicket | None  # the one that was named
    letters: tuple[LetterView, ...]  # that may be split off or moved


@dataclass(frozen=True, slots=True)
class MergingRow:
    number: str
    pretty_number: str
    subject: str
    status: str
    requester: str
    created_at: datetime
    preview: str
    is_target: bool  # the oldest that could take others, until somebody chooses
    refusal: str  # why it cannot go into that one; "" where it can


def merging_rows(actor: Actor, numbers: Sequence[str], *, now: datetime) -> tuple[MergingRow, ...]:
    """The tickets somebody wants to make one, the oldest first. Two queries."""
    tickets = list(visible_to(actor).filter(number__in=numbers).order_by("pk"))
    sides = [side(ticket, now=now) for ticket in tickets]
    waiting = with_open_action(tickets)
    takes = [not (each.is_merged or each.is_spam or each.status.is_done) for each in sides]
    target = takes.index(True) if True in takes else 0
    return tuple(
        MergingRow(
            number=ticket.number,
            pretty_number=pretty(ticket.number),
            subject=ticket.subject,
            status=ticket.status,
            requester=ticket.requester_name or ticket.requester_email,
            created_at=ticket.created_at,
            preview=ticket.preview,
            is_target=place == target,
            refusal=""
            if place == target
            else merging.refusal_of_whole(
                sides[place],
                sides[target],
                has_held=bool(ticket.held_count),
                has_open_action=ticket.pk in waiting,
            ),
        )
        for place, ticket in enumerate(tickets)
    )


def sorting_page(actor: Actor, number: str, *, into: str, now: datetime) -> SortingPage:
    ticket = get_ticket_for(actor, number)
    same = Q(pk=None)
    if ticket.requester_email:
        same |= Q(requester_email=ticket.requester_email)
    if ticket.account_id:
        same |= Q(account_id=ticket.account_id)
    near = visible_to(actor).filter(same, merged_into=None, is_spam=False).exclude(pk=ticket.pk)
    near = near.exclude(status__in=("resolved", "closed")).order_by("-id")[:MOST]
    named = "".join(filter(str.isdigit, into))
    chosen = visible_to(actor).filter(number=named).exclude(pk=ticket.pk).first() if named else None
    is_waiting = bool(with_open_action([ticket]))
    letters = Message.objects.filter(ticket=ticket, direction="in", held__in=("", "accepted")).exclude(author="system")
    return SortingPage(
        id=ticket.pk,
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        subject=ticket.subject,
        others=tuple(_other(ticket, other, is_waiting, now=now) for other in near),
        into=_other(ticket, chosen, is_waiting, now=now) if chosen else None,
        letters=tuple(
            LetterView(str(m.public_id), m.sender_name or m.sender_email, m.created_at, m.text[:200])
            for m in letters.order_by("-id")[:50]
        ),
    )


def _other(ticket: Ticket, other: Ticket, is_waiting: bool, *, now: datetime) -> OtherTicket:
    messages = Message.objects.filter(ticket=other).exclude(author="system")
    last = messages.order_by("-id").values_list("text", flat=True).first() or ""
    return OtherTicket(
        number=other.number,
        pretty_number=pretty(other.number),
        subject=other.subject,
        status=other.status,
        requester=other.requester_name or other.requester_email,
        last_text=" ".join(last[:400].split())[:240],
        messages=messages.count(),
        refusal=merging.refusal_of_whole(
            side(ticket, now=now), side(other, now=now), has_held=bool(ticket.held_count), has_open_action=is_waiting
        ),
    )


def side(ticket: Ticket, *, now: datetime) -> Side:
    return Side(
        email=ticket.requester_email,
        account_id=ticket.account_id,
        contact_id=ticket.contact_id,
        level=Level(level_now(ticket.level, ticket.level_until, now=now)),
        kind=Kind(ticket.kind),
        status=Status(ticket.status),
        is_spam=ticket.is_spam,
        is_merged=ticket.merged_into_id is not None,
    )


def with_open_action(tickets: Iterable[Ticket]) -> set[int]:
    """Those in which a critical action waits, by id. One query."""
    return set(CriticalAction.objects.filter(ticket__in=tickets, state__in=OPEN).values_list("ticket_id", flat=True))
