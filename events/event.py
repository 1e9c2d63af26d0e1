"""What every domain event is. The event types themselves live with their domain (tickets/event_types)."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """A fact in the past tense. Payloads hold ids and before/after values, never bodies of messages."""

    @property
    def stream(self) -> str:
        """The journal it belongs to, such as "ticket:17"."""
        raise NotImplementedError

    @property
    def topics(self) -> tuple[str, ...]:
        """What open pages should look again at; a nudge carries nothing else."""
        return (self.stream,)

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        """One durable delivery for each; most events have one effect for each subscriber."""
        return ("",)

    @property
    def waits(self) -> timedelta:
        """How long what follows from it is put off, and may still be taken back (outbox.take_back)."""
        return timedelta(0)

    def payload(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}
