"""The lists of tickets that a customer sees, each row in his words. What one of them holds is in `customer.py`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from core.clock import NEVER
from customers.actor import Customer, Right
from tickets.access import reasons_to_see, visible_to_customer, visible_to_programs
from tickets.enums import Status
from tickets.models import Ticket
from tickets.numbers import pretty
from tickets.policies.plain_state import PlainState, as_told, plain_state, statuses_of
from tickets.queries.shown import mark_of, status_before_what_is_coming

PAGE = 25
_MOST_WALKS = 8


@dataclass(frozen=True, slots=True)
class CustomerRow:
    id: int  # the key of the next page
    public_id: str
    number: str
    pretty_number: str
    subject: str
    state: PlainState
    status: str
    account_id: int | None
    account: str  # what the provider's own system calls it, "" if it calls it nothing
    service: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None  # when we promised the next answer; None: nothing of ours is due
    mark: str  # of what is shown (queries/marks.py)
    is_erased: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    rows: tuple[CustomerRow, ...]
    next_before: int | None


def tickets_of(
    customer: Customer,
    *,
    account_id: int | None = None,
    states: Collection[PlainState] | None = None,
    service_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
    now: datetime,
) -> CustomerPage:
    """The newest first, paged by id. One query.

    An answer changes no state between done and not done, so one that may still be taken back chooses no row.
    """
    tickets = visible_to_programs().filter(merged_into=None)
    if account_id is not None:
        tickets = tickets.filter(account_id=account_id)
    if service_id is not None:
        tickets = tickets.filter(service_id=service_id)
    if states is not None:
        tickets = tickets.filter(status__in=[status for state in states for status in statuses_of(state)])
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
    newest = Ticket.objects.filter(pk__in=_newest(tickets, customer, limit + 1))
    found = [_row(row) for row in _values(newest.order_by("-id"), now=now)[: limit + 1]]
    return CustomerPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _newest(tickets: QuerySet[Ticket], customer: Customer, most: int) -> RawSQL:
    """Ids, so many by each reason to see them: each walks its own index, and so does each account.

    Many accounts are asked together, for so many walks would take longer to plan than to go. As SQL: resolving three
    querysets inside a fourth takes a millisecond.
    """
    of_accounts, *others = reasons_to_see(customer)
    seen = customer.accounts(Right.SEE)
    walks = [of_accounts & Q(account_id=account) for account in seen] if len(seen) <= _MOST_WALKS else [of_accounts]
    first, *rest = (tickets.filter(walk).order_by("-id").values("id")[:most] for walk in [*walks, *others])
    return RawSQL(*first.union(*rest, all=True).query.sql_with_params())  # noqa: S611 as Django composes it


def tickets_of_all(
    *, account_id: int | None = None, before: int | None = None, limit: int = PAGE, now: datetime
) -> CustomerPage:
    """The same of all customers, for the provider's own programs. One query."""
    tickets = visible_to_programs().filter(merged_into=None)
    if account_id is not None:
        tickets = tickets.filter(account_id=account_id)
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
    found = [_row(row) for row in _values(tickets.order_by("-id"), now=now)[: limit + 1]]
    return CustomerPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def similar_to(
    customer: Customer, words: str, *, account_id: int, limit: int = 3, now: datetime
) -> tuple[CustomerRow, ...]:
    """Open tickets of this account whose subject shares a word of four letters or more with `words`. One query."""
    wanted = Q()
    for word in sorted({word for word in words.lower().split() if len(word) > 3}, key=len, reverse=True)[:6]:
        wanted |= Q(subject__icontains=word)
    if not wanted:
        return ()
    open_ones = visible_to_customer(customer).filter(
        wanted, account_id=account_id, merged_into=None, status__in=statuses_of(PlainState.WORKING)
    )
    return tuple(_row(row) for row in _values(open_ones.order_by("-id"), now=now)[:limit])


def _values(tickets: QuerySet[Ticket], *, now: datetime) -> QuerySet[Ticket, Any]:
    return tickets.values(
        "id", "public_id", "number", "subject", "status", "account_id", "created_at", "updated_at", "due_at",
        "erased_at", "promised_at", service_name=F("service__name"), account_name=F("account__external_id"),
        status_before=status_before_what_is_coming(now=now),
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> CustomerRow:
    status = as_told(Status(row["status"]), row["status_before"] and Status(row["status_before"]))
    return CustomerRow(
        id=row["id"],
        public_id=str(row["public_id"]),
        number=row["number"],
        pretty_number=pretty(row["number"]),
        subject=row["subject"],
        state=plain_state(status),
        status=status.value,
        account_id=row["account_id"],
        account=row["account_name"] or "",
        service=row["service_name"] or "",
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        due_at=None if row["due_at"] == NEVER else row["due_at"],
        is_erased=row["erased_at"] is not None,
        mark=mark_of(status.value, row["due_at"], row["promised_at"]),
    )
