"""What happens to the doors themselves. Names of fields, never their secrets."""

from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MailboxChanged(DomainEvent):
    """`what`: added | changed | paused | resumed."""

    channel: str
    what: str
    fields: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return "system"


@dataclass(frozen=True, kw_only=True)
class RelayChanged(DomainEvent):
    """`what`: set | removed."""

    what: str
    fields: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return "system"


@dataclass(frozen=True, kw_only=True)
class RequestHeld(DomainEvent):
    """Words typed into the public form wait for whoever reads the mail of their address."""

    held_id: int

    @property
    def stream(self) -> str:
        return f"held:{self.held_id}"


@dataclass(frozen=True, kw_only=True)
class VisitAsked(DomainEvent):
    """Somebody asked after a ticket by number and address; whether there is one is looked up later."""

    visit_id: int

    @property
    def stream(self) -> str:
        return f"visit:{self.visit_id}"
