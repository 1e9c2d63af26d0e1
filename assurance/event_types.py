"""What can happen to proofs and critical actions, in the past tense. It stands in the journal of the account."""

from dataclasses import dataclass

from customers.event_types import AccountEvent
from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountLetterQueued(AccountEvent):
    letter_id: int

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return (str(self.letter_id),)


@dataclass(frozen=True, kw_only=True)
class PressureLifted(AccountEvent):
    pressure_id: int


@dataclass(frozen=True, kw_only=True)
class ActionKindSetUp(DomainEvent):
    """A line of the catalogue, as it is after the change."""

    code: str
    level: int
    hold_hours: int
    needs_second_person: bool
    is_active: bool
    words_ru: str
    words_en: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
