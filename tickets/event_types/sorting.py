"""Where a ticket stands, whose it is, and what it became one with."""

from dataclasses import dataclass

from tickets.event_types.base import ConcerningEvent, TicketEvent, lists_of


@dataclass(frozen=True, kw_only=True)
class StatusChanged(ConcerningEvent):
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AssigneeChanged(ConcerningEvent):
    before: int | None
    after: int | None


@dataclass(frozen=True, kw_only=True)
class QueueChanged(TicketEvent):
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class TicketClassified(TicketEvent):
    kind: str
    impact: int
    urgency: int
    priority: int


@dataclass(frozen=True, kw_only=True)
class LanguageChanged(TicketEvent):
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AccountChosen(TicketEvent):
    before: int | None
    after: int | None

    @property
    def topics(self) -> tuple[str, ...]:
        return (*super().topics, *lists_of(accounts=[self.before, self.after]))


@dataclass(frozen=True, kw_only=True)
class TicketTagged(TicketEvent):
    tag_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class TicketUntagged(TicketEvent):
    tag_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SpamFiled(TicketEvent):
    """A letter that came in as spam, or into a ticket that is: recorded, and nobody is called."""

    message_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketMarkedSpam(TicketEvent):
    reason: str  # agent | blocked | verdict


@dataclass(frozen=True, kw_only=True)
class TicketUnmarkedSpam(TicketEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class TicketMerged(TicketEvent):
    """Into the ticket of this number."""

    number: str


@dataclass(frozen=True, kw_only=True)
class TicketsJoined(TicketEvent):
    """The ticket of this number came into it."""

    number: str


@dataclass(frozen=True, kw_only=True)
class TicketUnmerged(TicketEvent):
    """Out of the ticket of this number."""

    number: str


@dataclass(frozen=True, kw_only=True)
class TicketsParted(TicketEvent):
    """The ticket of this number is on its own again."""

    number: str


@dataclass(frozen=True, kw_only=True)
class TicketsLinked(TicketEvent):
    number: str


@dataclass(frozen=True, kw_only=True)
class TicketsUnlinked(TicketEvent):
    number: str


@dataclass(frozen=True, kw_only=True)
class MessageMoved(TicketEvent):
    message_id: int
    number: str  # of the other ticket


@dataclass(frozen=True, kw_only=True)
class MessageCame(TicketEvent):
    message_id: int
    number: str  # of the other ticket


@dataclass(frozen=True, kw_only=True)
class FieldFilled(TicketEvent):
    """Values as tickets/policies/fields.py writes them; empty is none."""

    field_id: int
    before: str
    after: str
