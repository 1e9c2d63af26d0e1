"""Who may sign in and by what: programs in the journal of the desk, people in their own."""

from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class KeyEvent(DomainEvent):
    @property
    def stream(self) -> str:
        return "system"


@dataclass(frozen=True, kw_only=True)
class ApiTokenMade(KeyEvent):
    token_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(KeyEvent):
    token_id: int


@dataclass(frozen=True, kw_only=True)
class SignOnKeyMade(KeyEvent):
    key_id: int
    algorithm: str


@dataclass(frozen=True, kw_only=True)
class SignOnKeyRevoked(KeyEvent):
    key_id: int


@dataclass(frozen=True, kw_only=True)
class SignedOn(DomainEvent):
    """A customer came into the panel by a link of the provider's own system."""

    contact_id: int
    key_id: int
    second_factor: str

    @property
    def stream(self) -> str:
        return f"contact:{self.contact_id}"


@dataclass(frozen=True, kw_only=True)
class FactorChanged(DomainEvent):
    """Something about somebody's second factor; he and whoever decides with him is told (assurance.services.factors).

    `what`: app_added | passkey_added | app_removed | passkey_removed | off (all of them) | codes_made | code_used |
    door_on | door_off | app_closed (too many wrong codes) | app_opened (before its time).
    """

    person: str  # key of an Actor or a Customer: staff:5, contact:7
    what: str
    left: int | None = None  # recovery codes after one was used

    @property
    def stream(self) -> str:
        return self.person


@dataclass(frozen=True, kw_only=True)
class PasswordsGuessed(DomainEvent):
    """Wrong passwords for one name came from everywhere, and more than browsers not known for it may try in an hour.

    Written for a name nobody has as well, so that whoever guesses learns nothing from how long the answer took.
    """

    person: str  # key of an Actor or a Customer; "" where nobody signs in by the name

    @property
    def stream(self) -> str:
        return self.person or "system"
