"""Whether what a customer is shown of a ticket is still what he is shown: marks that change with it and say nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from customers.actor import Customer
from tickets.access import visible_to_customer
from tickets.models import Message, Promise, Ticket
from tickets.queries.shown import mark_of, shown_to_customers


@dataclass(frozen=True, slots=True)
class Marked:
    ticket_id: int
    mark: str
    waits: bool  # a letter of ours may still be taken back: nothing is said of it before it has left


def marks_now(customer: Customer, public_ids: Collection[str], *, is_list: bool, now: datetime) -> dict[str, Marked]:
    """By public id, of those that he sees. One query."""
    waiting = Message.objects.filter(ticket=OuterRef("pk"), leaves_at__gt=now, withdrawn_at=None)
    seen = visible_to_customer(customer).filter(public_id__in=public_ids).annotate(waits=Exists(waiting))
    return _of_list(seen) if is_list else _of_pages(seen, now=now)


def _of_list(seen: QuerySet[Ticket]) -> dict[str, Marked]:
    return {
        str(public_id): Marked(pk, mark_of(status, due_at, promised_at), waits)
        for pk, public_id, status, due_at, waits, promised_at in seen.values_list(*_SHOWN, "promised_at")
    }


def _of_pages(seen: QuerySet[Ticket], *, now: datetime) -> dict[str, Marked]:
    said = shown_to_customers(now=now).filter(ticket=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    untold = Q(message__leaves_at__gt=now)
    told = Promise.objects.filter(ticket=OuterRef("pk")).exclude(untold).order_by().values("ticket")
    ended = Q(kept_at__isnull=False) | Q(withdrawn_at__isnull=False)
    rows = seen.annotate(
        newest=Subquery(said),
        promised=Subquery(told.annotate(n=Count("pk")).values("n")),
        ended=Subquery(told.annotate(n=Count("pk", filter=ended)).values("n")),
    )
    return {
        str(public_id): Marked(pk, mark_of(status, due_at, (promised or 0, ended or 0), newest or 0), waits)
        for pk, public_id, status, due_at, waits, newest, promised, ended in rows.values_list(
            *_SHOWN, "newest", "promised", "ended"
        )
    }


_SHOWN = ("pk", "public_id", "status", "due_at", "waits")
