"""What is said, promised and asked, by letter and by telephone."""

from dataclasses import dataclass
from datetime import timedelta

from events.event import DomainEvent
from tickets.event_types.base import ConcerningEvent, TicketEvent, lists_of


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketEvent):
    number: str
    door: str
    level: int
    account_id: int | None = None
    contact_id: int | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        return (*super().topics, *lists_of(accounts=[self.account_id], contact=self.contact_id))


@dataclass(frozen=True, kw_only=True)
class MessageReceived(ConcerningEvent):
    message_id: int
    level: int


@dataclass(frozen=True, kw_only=True)
class RequestFiled(TicketEvent):
    """The first words of a ticket were typed into a form or a panel. What follows is the letter with the number."""

    message_id: int
    level: int

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return (str(self.message_id),)


@dataclass(frozen=True, kw_only=True)
class MessageHeld(TicketEvent):
    message_id: int
    level: int


@dataclass(frozen=True, kw_only=True)
class AutomaticMailRecorded(TicketEvent):
    message_id: int
    nature: str


@dataclass(frozen=True, kw_only=True)
class OtherSenderAccepted(TicketEvent):
    message_id: int


@dataclass(frozen=True, kw_only=True)
class OtherSenderRefused(TicketEvent):
    message_id: int


@dataclass(frozen=True, kw_only=True)
class ReplyQueued(TicketEvent):
    message_id: int
    copy_ids: tuple[int, ...]
    is_automatic: bool = False
    waits_seconds: int | None = None  # a reply by hand can be taken back so long

    @property
    def waits(self) -> timedelta:
        return timedelta(seconds=self.waits_seconds or 0)

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return tuple(str(copy_id) for copy_id in self.copy_ids)


@dataclass(frozen=True, kw_only=True)
class ReplyWritten(ConcerningEvent):
    """By a colleague: told once it can't be taken back any more."""

    message_id: int
    waits_seconds: int = 0

    @property
    def waits(self) -> timedelta:
        return timedelta(seconds=self.waits_seconds)


@dataclass(frozen=True, kw_only=True)
class RecipientAdded(TicketEvent):
    participant_id: int


@dataclass(frozen=True, kw_only=True)
class RecipientDropped(TicketEvent):
    participant_id: int


@dataclass(frozen=True, kw_only=True)
class RecipientRightChanged(TicketEvent):
    participant_id: int
    may_reply: bool


@dataclass(frozen=True, kw_only=True)
class SideLetterWithdrawn(TicketEvent):
    letter_id: int


@dataclass(frozen=True, kw_only=True)
class SideLetterQueued(TicketEvent):
    letter_id: int
    waits_seconds: int = 0

    @property
    def waits(self) -> timedelta:
        return timedelta(seconds=self.waits_seconds)

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return (str(self.letter_id),)


@dataclass(frozen=True, kw_only=True)
class SideLetterReceived(TicketEvent):
    letter_id: int
    level: int


@dataclass(frozen=True, kw_only=True)
class SideLetterDelivered(TicketEvent):
    letter_id: int
    status: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class SideLetterJudged(TicketEvent):
    letter_id: int
    held: str


@dataclass(frozen=True, kw_only=True)
class ReplyWithdrawn(TicketEvent):
    message_id: int


@dataclass(frozen=True, kw_only=True)
class ReplyDelivered(ConcerningEvent):
    message_id: int
    copy_id: int
    status: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class NoteAdded(ConcerningEvent):
    note_id: int


@dataclass(frozen=True, kw_only=True)
class PromiseMade(TicketEvent):
    promise_id: int
    due_at: str  # ISO
    message_id: int | None = None  # the reply it was told in


@dataclass(frozen=True, kw_only=True)
class PromiseKept(TicketEvent):
    promise_id: int
    message_id: int | None = None  # the reply that kept it; None: kept by hand


@dataclass(frozen=True, kw_only=True)
class PromiseWithdrawn(TicketEvent):
    promise_id: int


@dataclass(frozen=True, kw_only=True)
class PromiseWaived(TicketEvent):
    """The customer closed the ticket and needs it no more."""

    promise_id: int


@dataclass(frozen=True, kw_only=True)
class CallEvent(DomainEvent):
    call_id: int

    @property
    def stream(self) -> str:
        return f"call:{self.call_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class CallRegistered(CallEvent):
    number: str
    direction: str


@dataclass(frozen=True, kw_only=True)
class CallClosed(CallEvent):
    disposition: str


@dataclass(frozen=True, kw_only=True)
class CallNumberSent(CallEvent):
    """By mail, to the address on file."""

    letter_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CallAdded(TicketEvent):
    """The call of this number was about this ticket."""

    call_id: int
    number: str


@dataclass(frozen=True, kw_only=True)
class CallOfTicketClosed(TicketEvent):
    call_id: int
    number: str
    disposition: str


@dataclass(frozen=True, kw_only=True)
class ChecklistAsked(TicketEvent):
    message_id: int
    count: int


@dataclass(frozen=True, kw_only=True)
class ChecklistAnswered(TicketEvent):
    item_ids: tuple[int, ...]
    count: int
    message_id: int | None = None  # what answered; None: no longer needed
