"""What can happen to customers on file, in the past tense."""

from dataclasses import dataclass

from events.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountEvent(DomainEvent):
    """It stands in the journal of the account."""

    account_id: int

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class AccountImported(AccountEvent):
    """One line of a file was applied. Names of fields only: values stand in the tables and may be erased there."""

    run_id: int
    line: int
    kind: str
    is_new: bool
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AdministrativeAddressReplaced(AccountEvent):
    """By a push or a file; a critical action that does it has steps of its own. Never said of the first one."""


@dataclass(frozen=True, kw_only=True)
class PeopleChanged(AccountEvent):
    contact_id: int


@dataclass(frozen=True, kw_only=True)
class ContactAdded(PeopleChanged):
    role: str


@dataclass(frozen=True, kw_only=True)
class ContactAddressChanged(PeopleChanged):
    pass


@dataclass(frozen=True, kw_only=True)
class ContactRemoved(PeopleChanged):
    pass


@dataclass(frozen=True, kw_only=True)
class ContactEvent(DomainEvent):
    contact_id: int

    @property
    def stream(self) -> str:
        return f"contact:{self.contact_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(ContactEvent):
    version: str


@dataclass(frozen=True, kw_only=True)
class OwnDataExported(ContactEvent):
    """Somebody took away what is kept about himself."""


@dataclass(frozen=True, kw_only=True)
class ContactErased(ContactEvent):
    """Names, addresses, roles and sign-in went."""


@dataclass(frozen=True, kw_only=True)
class CustomersExported(DomainEvent):
    """Somebody took all customers away as a file."""

    kind: str
    reason: str

    @property
    def stream(self) -> str:
        return "customers"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class ImportEvent(DomainEvent):
    run_id: int
    kind: str

    @property
    def stream(self) -> str:
        return f"import:{self.run_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, kw_only=True)
class ImportBegun(ImportEvent):
    """Somebody had the lines of a dry run applied."""

    created: int
    changed: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class ImportEnded(ImportEvent):
    state: str
    applied: int


@dataclass(frozen=True, kw_only=True)
class CustomerPushed(DomainEvent):
    """The provider's own system put something on file. `what`: account | contact | service. Names of fields only."""

    account_id: int
    what: str
    target_id: int
    is_new: bool
    fields: tuple[str, ...]

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        return ()
