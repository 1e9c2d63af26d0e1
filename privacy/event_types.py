from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ActWritten(DomainEvent):
    """What somebody asked was erased; the act says why and how much."""

    act: int
    counts: dict[str, int]

    @property
    def stream(self) -> str:
        return "privacy"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
