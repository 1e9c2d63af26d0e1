"""What was asked of the customer, as the desk and as he sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.enums import AskKind
from tickets.queries.brought import not_merged_in


@dataclass(frozen=True, slots=True)
class ItemView:
    public_id: str
    place: int
    kind: AskKind
    words: str
    asked_at: datetime
    done_at: datetime | None
    answer: str  # public id of the message that answered; "" if none did


_ITEMS = """
    SELECT item.public_id, place, kind, words, asked.created_at AS asked_at, done_at, answer.public_id AS answer
    FROM tickets_message AS asked JOIN tickets_checklistitem AS item ON item.message_id = asked.id
    LEFT JOIN tickets_message AS answer ON answer.id = answer_id
    WHERE asked.ticket_id = %(ticket)s AND asked.withdrawn_at IS NULL {also} ORDER BY item.message_id, place"""
LISTS = {"checklist": _ITEMS.format(also="")}
# What has left: a reply that may still be taken back has asked nobody anything.
_HAS_LEFT = "AND (asked.leaves_at IS NULL OR asked.leaves_at <= %(now)s)"
TOLD = {"checklist": _ITEMS.format(also=f"{_HAS_LEFT} AND {not_merged_in('message_ids', 'asked.id')}")}


def of_rows(rows: list[dict[str, Any]]) -> tuple[ItemView, ...]:
    """In the order they were asked."""
    return tuple(_view(row) for row in rows)


def _view(row: Mapping[str, Any]) -> ItemView:
    return ItemView(
        public_id=row["public_id"],
        place=row["place"],
        kind=AskKind(row["kind"]),
        words=row["words"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        done_at=datetime.fromisoformat(row["done_at"]) if row["done_at"] else None,
        answer=row["answer"] or "",
    )
