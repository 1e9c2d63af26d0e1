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
