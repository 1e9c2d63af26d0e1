"""Which programs may sign in, and which may send people to sign in, in the journal of the desk."""

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
