"""Between us and the customer, for a list of his tickets: what we promised next, and what we wait for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from customers.actor import Customer, Right
from tickets.queries import promises
from tickets.queries.promises import PromiseView
from tickets.queries.together import together


@dataclass(frozen=True, slots=True)
class Owed:
    promise: PromiseView | None = None  # the nearest open one
    missing: int = 0  # of the lists that are not all ticked off
    asked: int = 0  # how much they ask for in all


_ASKED = f"""
    SELECT asked.ticket_id, count(*) FILTER (WHERE done_at IS NULL) AS missing, count(*) AS asked
    FROM tickets_message AS asked JOIN tickets_checklistitem AS item ON item.message_id = asked.id
    WHERE asked.ticket_id IN ({promises.HIS}) AND asked.withdrawn_at IS NULL
        AND (asked.leaves_at IS NULL OR asked.leaves_at <= %(now)s)
        AND EXISTS (SELECT 1 FROM tickets_checklistitem AS other
            WHERE other.message_id = asked.id AND other.done_at IS NULL)
    GROUP BY asked.ticket_id"""  # noqa: S608 - both are constants of ours


def owed(customer: Customer, ticket_ids: Collection[int], *, now: datetime) -> dict[int, Owed]:
    """By ticket, for those where anything is owed. One query, none for no tickets.

    Whoever only takes part in a ticket is told at the ticket itself, since when he does.
    """
    if not ticket_ids:
        return {}
    found = together(
        {"promises": promises.NEAREST, "asked": _ASKED},
        tickets=list(ticket_ids),
        contact=customer.contact_id,
        sees=customer.accounts(Right.SEE),
        now=now,
    )
    nearest = {row.pop("ticket_id"): row for row in found["promises"]}
    asked = {row["ticket_id"]: row for row in found["asked"]}
    return {
        ticket: Owed(
            promise=next(iter(promises.of_rows([nearest[ticket]], now=now))) if ticket in nearest else None,
            missing=asked[ticket]["missing"] if ticket in asked else 0,
            asked=asked[ticket]["asked"] if ticket in asked else 0,
        )
        for ticket in nearest.keys() | asked.keys()
    }
