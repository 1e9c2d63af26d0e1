"""What every event of a ticket is."""

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


@dataclass(frozen=True, kw_only=True)
class ConcerningEvent(TicketEvent):
    """Somebody of the desk is told of it, and then it has an effect; else it has none."""

    tells: dict[str, str] | None = None  # why, by staff id (tickets/policies/concern.py)

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return tuple(self.tells or ())
