"""What every event of a ticket is."""

from collections.abc import Collection
from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TicketEvent(DomainEvent):
    ticket_id: int

    @property
    def stream(self) -> str:
        return f"ticket:{self.ticket_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return (self.stream, "desk")


def lists_of(*, accounts: Collection[int | None] = (), contact: int | None = None) -> tuple[str, ...]:
    """Topics of the customers' lists in which a ticket may newly stand; each reader asks with his own rights."""
    topics = [f"tickets-of-account:{account}" for account in accounts if account is not None]
    return (*topics, *([f"tickets-of-contact:{contact}"] if contact is not None else []))


@dataclass(frozen=True, kw_only=True)
class ConcerningEvent(TicketEvent):
    """Somebody of the desk is told of it, and then it has an effect; else it has none."""

    tells: dict[str, str] | None = None  # why, by staff id (tickets/policies/concern.py)

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return tuple(self.tells or ())
