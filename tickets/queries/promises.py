"""Promises as the desk and as the customer see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from tickets.models import Promise
from tickets.policies.promises import PromiseState, promise_state


@dataclass(frozen=True, slots=True)
class PromiseView:
    public_id: str
    is_answer: bool
    words: str
    due_at: datetime
    made_at: datetime
    made_by: str  # "" for the customer
    kept_at: datetime | None
    withdrawn_at: datetime | None
    reason: str
    state: PromiseState


LISTS = {
    "promises": """
        SELECT promise.public_id, is_answer, words, due_at, made_at, name AS made_by, kept_at, withdrawn_at, reason
        FROM tickets_promise AS promise JOIN staff_staffprofile AS maker ON maker.id = staff_id
        WHERE ticket_id = %(ticket)s ORDER BY due_at, promise.id""",
}
# What has left: a reply that may still be taken back has told nobody anything.
TOLD = {
    "promises": """
        SELECT public_id, is_answer, words, due_at, made_at, kept_at, withdrawn_at, reason FROM tickets_promise
        WHERE ticket_id = %(ticket)s AND NOT EXISTS (
            SELECT 1 FROM tickets_message AS reply WHERE reply.id = tickets_promise.message_id AND leaves_at > %(now)s)
        ORDER BY due_at, id""",
}


def of_rows(rows: list[dict[str, Any]], *, now: datetime) -> tuple[PromiseView, ...]:
    """In the order of their times."""
    return tuple(_view(row, now=now) for row in rows)


def _view(row: Mapping[str, Any], *, now: datetime) -> PromiseView:
    kept_at, withdrawn_at = (datetime.fromisoformat(at) if at else None for at in (row["kept_at"], row["withdrawn_at"]))
    due_at = datetime.fromisoformat(row["due_at"])
    return PromiseView(
        public_id=row["public_id"],
        is_answer=row["is_answer"],
        words=row["words"],
        due_at=due_at,
        made_at=datetime.fromisoformat(row["made_at"]),
        made_by=row.get("made_by", ""),
        kept_at=kept_at,
        withdrawn_at=withdrawn_at,
        reason=row["reason"],
        state=promise_state(due_at, kept_at=kept_at, withdrawn_at=withdrawn_at, now=now),
    )


def nearest(ticket_ids: Collection[int], *, now: datetime) -> dict[int, PromiseView]:
    """What the customer of each ticket was promised next, by its id. One query, none for no tickets."""
    if not ticket_ids:
        return {}
    told = Q(message=None) | Q(message__leaves_at=None) | Q(message__leaves_at__lte=now)
    found = Promise.objects.filter(told, ticket__in=ticket_ids, kept_at=None, withdrawn_at=None)
    first = found.order_by("ticket_id", "due_at", "id").distinct("ticket_id")
    return {
        promise.ticket_id: PromiseView(
            str(promise.public_id), promise.is_answer, promise.words, promise.due_at, promise.made_at, "", None, None,
            "", promise_state(promise.due_at, kept_at=None, withdrawn_at=None, now=now),
        )
        for promise in first
    }  # fmt: skip
