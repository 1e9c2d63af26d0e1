"""Promises as the desk and as the customer see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.actor import is_customers
from tickets.policies.promises import PromiseState, promise_state
from tickets.queries.brought import not_merged_in


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
    is_waived: bool  # by the customer, who closed the ticket


LISTS = {
    "promises": """
        SELECT promise.public_id, is_answer, words, due_at, made_at, name AS made_by, kept_at, withdrawn_at, reason,
            ended_by
        FROM tickets_promise AS promise JOIN staff_staffprofile AS maker ON maker.id = staff_id
        WHERE ticket_id = %(ticket)s ORDER BY due_at, promise.id""",
}
# What has left: a reply that may still be taken back has told nobody anything.
_TOLD = """
    SELECT {which} public_id, is_answer, words, due_at, made_at, kept_at, withdrawn_at, reason, ended_by
    FROM tickets_promise
    WHERE {where} AND NOT EXISTS (
        SELECT 1 FROM tickets_message AS reply WHERE reply.id = tickets_promise.message_id AND leaves_at > %(now)s)
    ORDER BY {order}due_at, id"""
_SEEN = f"ticket_id = %(ticket)s AND {not_merged_in('promise_ids', 'tickets_promise.id')}"
TOLD = {"promises": _TOLD.format(which="", where=_SEEN, order="")}
# Of these tickets those whose conversation the customer sees whole, as his own or by his account.
HIS = """
    SELECT id FROM tickets_ticket
    WHERE id = ANY(%(tickets)s) AND (contact_id = %(contact)s OR account_id = ANY(%(sees)s))"""
NEAREST = _TOLD.format(
    which="DISTINCT ON (ticket_id) ticket_id,",
    where=f"ticket_id IN ({HIS}) AND kept_at IS NULL AND withdrawn_at IS NULL",
    order="ticket_id, ",
)


def of_rows(rows: list[dict[str, Any]], *, now: datetime) -> tuple[PromiseView, ...]:
    """In the order of their times."""
    return tuple(_view(row, now=now) for row in rows)


def _view(row: Mapping[str, Any], *, now: datetime) -> PromiseView:
    kept_at, withdrawn_at = (datetime.fromisoformat(at) if at else None for at in (row["kept_at"], row["withdrawn_at"]))
    due_at = datetime.fromisoformat(row["due_at"])
    is_waived = withdrawn_at is not None and is_customers(row["ended_by"])
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
        state=promise_state(
            due_at,
            kept_at=kept_at,
            withdrawn_at=withdrawn_at,
            by_customer=is_waived,
            now=now,
        ),
        is_waived=is_waived,
    )
