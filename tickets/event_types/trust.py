"""Who proved what, who looked, what was asked of an account, and what was destroyed."""

from dataclasses import dataclass

from tickets.event_types.base import ConcerningEvent, TicketEvent


@dataclass(frozen=True, kw_only=True)
class LevelFell(TicketEvent):
    before: int
    after: int


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
    content: str = ""  # SHA-256 of what was taken beside the journal: the journal proves it


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
class ActionAnnounced(ActionEvent):
    """To so many addresses on file, each of which may refuse."""

    letters: int


@dataclass(frozen=True, kw_only=True)
class ActionNumberCalled(ActionEvent):
    """A number on file was called about it: `answer` is reached | nobody | not_him."""

    point_id: int
    answer: str


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
