"""What can happen to a ticket, in the past tense. Adding a field needs a default: old payloads stay readable."""

from dataclasses import dataclass
from datetime import timedelta

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


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketEvent):
    number: str
    door: str
    level: int


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
class LevelFell(TicketEvent):
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class AccountChosen(TicketEvent):
    before: int | None
    after: int | None


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
class AutomaticTextChanged(DomainEvent):
    """Each text in each language has a journal of its own. No text: back to the default."""

    name: str
    language: str
    text: str | None = None

    @property
    def stream(self) -> str:
        return f"system:text:{self.name}.{self.language}"


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
class SecretShown(TicketEvent):
    """A colleague looked at what a customer should not have written."""

    message_id: int
    place: int


@dataclass(frozen=True, kw_only=True)
class SecretFileOpened(TicketEvent):
    """A colleague took a file that holds keys or passwords of a customer."""

    attachment_id: int


@dataclass(frozen=True, kw_only=True)
class SecretsWiped(TicketEvent):
    count: int


@dataclass(frozen=True, kw_only=True)
class WordsErased(TicketEvent):
    """`act`: the number of the act of destruction."""

    act: int


@dataclass(frozen=True, kw_only=True)
class WordsRedacted(TicketEvent):
    """What one person wrote in it, who had not asked it, and his name in the words of others."""

    act: int


@dataclass(frozen=True, kw_only=True)
class TicketKept(TicketEvent):
    """No rule of retention and no request destroys its words until it is let go."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class TicketLetGo(TicketEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class EvidencePacked(TicketEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ActionEvent(ConcerningEvent):
    """Of one critical action; `kind` is its line in the catalogue."""

    action_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class ActionRequested(ActionEvent):
    digest: str  # of the words


@dataclass(frozen=True, kw_only=True)
class ActionConfirmationAsked(ActionEvent):
    confirmation_id: int


@dataclass(frozen=True, kw_only=True)
class ActionAuthorised(ActionEvent):
    proof: str
    level: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ActionSeconded(ActionEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ActionExecuted(ActionEvent):
    digest: str


@dataclass(frozen=True, kw_only=True)
class ActionRefused(ActionEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ActionEnded(ActionEvent):
    """Without being executed or refused: `how` is expired | cancelled."""

    how: str


@dataclass(frozen=True, kw_only=True)
class PressureRaised(ConcerningEvent):
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GlassBroken(ConcerningEvent):
    """Somebody opened what the level keeps closed."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ProofEntered(TicketEvent):
    """By a colleague: a code read to him, or a call back. `evidence_id` says how much it counts."""

    evidence_id: int
    kind: str
    level: int


@dataclass(frozen=True, kw_only=True)
class ProofFailed(TicketEvent):
    kind: str


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


@dataclass(frozen=True, kw_only=True)
class TagSetUp(DomainEvent):
    """`what`: added | changed | retired | brought_back; name and colour as they are after it."""

    tag_id: int
    name: str
    colour: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ("desk",)


@dataclass(frozen=True, kw_only=True)
class QueueSetUp(DomainEvent):
    """`what`: added | changed | retired | reopened."""

    queue: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ("desk",)


@dataclass(frozen=True, kw_only=True)
class FieldFilled(TicketEvent):
    """Values as tickets/policies/fields.py writes them; empty is none."""

    field_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class FieldSetUp(DomainEvent):
    """`what`: added | changed | retired | brought_back; the names as they are after it."""

    field_id: int
    name_ru: str
    name_en: str
    what: str

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class SavedViewChanged(DomainEvent):
    """`what`: saved | renamed | moved | removed | restored. `name` of a shared list; what one keeps alone has none."""

    view_id: int
    is_shared: bool
    what: str
    name: str = ""

    @property
    def stream(self) -> str:
        return "system"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
