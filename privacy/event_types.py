from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ActWritten(DomainEvent):
    """What one transaction destroyed under this act; the act itself says why and how much in all."""

    act: int
    counts: dict[str, int]

    @property
    def stream(self) -> str:
        return f"act:{self.act}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class RetentionSet(DomainEvent):
    """How many days one kind is kept; None is for ever."""

    kind: str
    before: int | None
    after: int | None

    @property
    def stream(self) -> str:
        return "privacy"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
