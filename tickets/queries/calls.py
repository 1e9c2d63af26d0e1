"""Calls as their pages show them, and what a plain call may be told."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from assurance.access import AccountCard, card
from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, ticket_level
from core.clock import NEVER
from core.trust import Level
from customers.policies.identity import ClaimKind
from customers.queries import Named, email_of, find_named, phone_of, phones_of
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, calls_visible_to, visible_to
from tickets.enums import Kind, NumberSource, Status
from tickets.models import Call, IdentityClaim, Ticket
from tickets.numbers import CALLS, pretty
from tickets.policies.phone_word import PHONE_IS_KNOWN, Word, word_for
from tickets.policies.search import understand

PAGE = 50
MOST_TICKETS = 10
MOST_FOUND = 8


class Calls(StrEnum):
    """The lists of calls."""

    TODAY = "today"
    MINE = "mine"
    OPEN = "open"  # nobody has ended them


@dataclass(frozen=True, slots=True)
class CallRow:
    number: str
    pretty_number: str
    direction: str
    caller: str  # a name, else the number
    account: str
    subject: str
    staff: str
    started_at: datetime
    ended_at: datetime | None
    disposition: str
    ticket: str  # pretty number of one that this actor may see


@dataclass(frozen=True, slots=True)
class CallList:
    rows: tuple[CallRow, ...]
    next_cursor: str


def calls_page(actor: Actor, which: Calls, *, since: datetime, after: str = "") -> CallList:
    """The newest first; `since` is when the day began. One query, another for the numbers of tickets."""
    calls = calls_visible_to(actor)
    if which is Calls.TODAY:
        calls = calls.filter(started_at__gte=since)
    elif which is Calls.MINE:
        calls = calls.filter(staff_id=actor.staff_id)
    else:
        calls = calls.filter(ended_at=None)
    if place := _place(after):
        at, pk = place
        calls = calls.filter(Q(started_at__lt=at) | Q(started_at=at, pk__lt=pk), started_at__lte=at)
    found = list(_named(calls.order_by("-started_at", "-pk"))[: PAGE + 1])
    shown = found[:PAGE]
    numbers = _numbers(actor, [call.ticket_id for call in shown if call.ticket_id])
    last = shown[-1] if len(found) > PAGE else None
    return CallList(
        tuple(_row(call, numbers) for call in shown), _cursor(last.started_at, last.pk) if last is not None else ""
    )


def _named(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.select_related("staff", "account", "contact")


def _numbers(actor: Actor, ids: list[int]) -> dict[int, str]:
    return dict(visible_to(actor).filter(pk__in=ids).values_list("pk", "number")) if ids else {}


def _row(call: Call, numbers: dict[int, str]) -> CallRow:
    number = numbers.get(call.ticket_id or 0, "")
    return CallRow(
        number=call.number,
        pretty_number=pretty(call.number, CALLS),
        direction=call.direction,
        caller=(call.contact.name if call.contact else "") or call.caller_name or _shown(call),
        account=call.account.name if call.account else "",
        subject=call.subject,
        staff=call.staff.name,
        started_at=call.started_at,
        ended_at=call.ended_at,
        disposition=call.disposition,
        ticket=pretty(number) if number else "",
    )


def _shown(call: Call) -> str:
    return call.caller_number or call.caller_literal


def _place(text: str) -> tuple[datetime, int] | None:
    """A damaged cursor is the first page: it came from an address bar."""
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(text))
        return datetime.fromisoformat(at), int(pk)
    except (ValueError, TypeError):
        return None


def _cursor(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), pk]).encode()).decode()


@dataclass(frozen=True, slots=True)
class OpenTicket:
    number: str
    pretty_number: str
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class CallPage:
    """`level` is what was proven in this very call: a ticket that others have proven opens nothing here."""

    number: str
    pretty_number: str
    public_id: str
    direction: str
    caller_number: str
    caller_literal: str
    number_source: str
    caller_name: str
    contact_name: str
    staff: str
    language: str
    subject: str
    words: str
    started_at: datetime
    ended_at: datetime | None
    disposition: str
    summary: str
    is_for_customer: bool
    number_sent_at: datetime | None
    erased_at: datetime | None
    has_address_on_file: bool
    has_ticket: bool
    ticket: str  # digits of its number, "" where this actor may not see it
    pretty_ticket: str
    level: int
    card: AccountCard | None
    tickets: tuple[OpenTicket, ...]  # of the account, once somebody has proved himself
    can_work: bool
    may_close: bool


def call_page(actor: Actor, number: str, *, now: datetime) -> CallPage:
    """Six queries at most. Raises `NotVisible`."""
    call = _named(calls_visible_to(actor)).filter(number=number).first()
    if call is None:
        raise NotVisible(number)
    ticket = _numbers(actor, [call.ticket_id] if call.ticket_id else []).get(call.ticket_id or 0, "")
    account_id = call.ticket.account_id if call.ticket else call.account_id
    level = _proven(call, account_id, now=now)
    can_work = actor.may(Perm.WORK_TICKETS)
    is_his = call.staff_id == actor.staff_id or actor.may(Perm.ASSIGN_OTHERS)
    return CallPage(
        number=call.number,
        pretty_number=pretty(call.number, CALLS),
        public_id=str(call.public_id),
        direction=call.direction,
        caller_number=call.caller_number,
        caller_literal=call.caller_literal,
        number_source=call.number_source,
        caller_name=call.caller_name,
        contact_name=call.contact.name if call.contact else "",
        staff=call.staff.name,
        language=call.language,
        subject=call.subject,
        words=call.words,
        started_at=call.started_at,
        ended_at=call.ended_at,
        disposition=call.disposition,
        summary=call.summary,
        is_for_customer=call.is_for_customer,
        number_sent_at=call.number_sent_at,
        erased_at=call.erased_at,
        has_address_on_file=bool(email_of(call.account_id, call.contact_id)),
        has_ticket=call.ticket_id is not None,
        ticket=ticket,
        pretty_ticket=pretty(ticket) if ticket else "",
        level=int(level),
        card=card(actor, account_id, level=level) if account_id else None,
        tickets=_open_tickets(actor, account_id) if account_id and level >= Level.RECOGNISED else (),
        can_work=can_work,
        may_close=can_work and is_his and call.ended_at is None,
    )


def _proven(call: Call, account_id: int | None, *, now: datetime) -> Level:
    """By a code read or a call back in this call, for this account, while it lasts; never above `recognised`."""
    if call.ended_at is not None or call.ticket_id is None:
        return Level.CLAIMED
    here = {"subject": f"call:{call.public_id}", "detail": {"account": account_id}}
    entered = Evidence.objects.standing().filter(ticket=call.ticket_id, scope="call", facts__contains=[here])
    items = [
        EvidenceItem(kind=kind, level=Level(level), at=at, expires_at=until)
        for kind, level, at, until in entered.values_list("kind", "level", "at", "expires_at")
    ]
    return min(ticket_level(items, now).level, Level.RECOGNISED)


def _open_tickets(actor: Actor, account_id: int) -> tuple[OpenTicket, ...]:
    of_account = visible_to(actor).filter(account_id=account_id, is_spam=False, merged_into=None)
    found = of_account.exclude(status__in=(Status.RESOLVED, Status.CLOSED)).order_by("-id")[:MOST_TICKETS]
    return tuple(OpenTicket(t.number, pretty(t.number), t.subject, t.status) for t in found)


def callers(number: str, who: str) -> list[Named]:
    """Whom the number that calls, or what the caller says of himself, leads to. One or two queries."""
    by_number = find_named(phone=number) if number.strip() else []
    asked = understand(who)
    names = [word.own for word in asked.words if len(word.own) > 2 and word.own.isalpha()]
    by_words = []
    if asked.emails or asked.domains or asked.codes or asked.phone or names:
        by_words = find_named(
            emails=asked.emails,
            domains=asked.domains,
            codes=asked.codes,
            phone=asked.phone,
            names=names if len(names) == len(asked.words) else [],
        )
    return list({(each.public_id, each.contact): each for each in (*by_words, *by_number)}.values())[:MOST_FOUND]


def word_of_ticket(
    actor: Actor, ticket_number: str, calling: str, source: NumberSource, *, now: datetime
) -> Word | None:
    """What the caller may hear of the ticket that he names: nothing else of it is read. None where there is none.

    Of a restricted ticket, and of spam, nobody is told. A merged one is where it lives on. Three queries.
    """
    digits = "".join(filter(str.isdigit, ticket_number))
    named = living = Ticket.objects.select_related("merged_into").filter(number=digits).first()
    while living is not None and living.merged_into is not None:
        living = living.merged_into
    if named is None or living is None or living.is_spam or living.kind == Kind.RESTRICTED.value:
        return None
    if not actor.may(Perm.WORK_TICKETS):
        return None
    return word_for(
        phone_of(calling).number,
        source,
        numbers=_numbers_of(named, now=now),
        status=Status(living.status),
        due_at=None if living.due_at == NEVER else living.due_at,
    )


def _numbers_of(ticket: Ticket, *, now: datetime) -> set[str]:
    """Given when it was opened, or long on file of its contact. Calls that came later add none: anybody may call."""
    given = IdentityClaim.objects.filter(ticket=ticket, kind=ClaimKind.PHONE.value).values_list("value", flat=True)
    on_file = phones_of(ticket.account_id, ticket.contact_id, since=now - PHONE_IS_KNOWN)
    return ({phone_of(value).number for value in given} | on_file) - {""}
