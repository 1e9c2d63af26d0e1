"""Whether what a customer is shown of a ticket is still what he is shown: marks that change with it and say nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery

from customers.actor import Customer
from tickets.access import visible_to_customer
from tickets.models import Message
from tickets.queries.customer import mark_of, shown_to_customers


@dataclass(frozen=True, slots=True)
class Marked:
    ticket_id: int
    mark: str
    waits: bool  # a letter of ours may still be taken back: nothing is said of it before it has left


def marks_now(customer: Customer, public_ids: Collection[str], *, is_list: bool, now: datetime) -> dict[str, Marked]:
    """By public id, of those that he sees. One query."""
    said = shown_to_customers(now=now).filter(ticket=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    waiting = Message.objects.filter(ticket=OuterRef("pk"), leaves_at__gt=now, withdrawn_at=None)
    seen = visible_to_customer(customer).filter(public_id__in=public_ids)
    rows = seen.annotate(newest=Subquery(said), waits=Exists(waiting))
    return {
        str(public_id): Marked(pk, mark_of(status, due_at, 0 if is_list else newest or 0), waits)
        for pk, public_id, status, due_at, newest, waits in rows.values_list(
            "pk", "public_id", "status", "due_at", "newest", "waits"
        )
    }
