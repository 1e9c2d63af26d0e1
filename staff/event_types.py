"""What can happen to people of the desk, in the past tense, in the journal `staff:<id>`."""

from dataclasses import dataclass

from events.event import DomainEvent


def topic_of(staff_id: int) -> str:
    """What the open pages of one person hear. His journal has another name: it may begin while they are open."""
    return f"person:{staff_id}"


@dataclass(frozen=True, kw_only=True)
class StaffEvent(DomainEvent):
    staff_id: int

    @property
    def stream(self) -> str:
        return f"staff:{self.staff_id}"

    @property
    def topics(self) -> tuple[str, ...]:
        """His sockets read his rights again at once (realtime/consumers.py)."""
        return (topic_of(self.staff_id),)


@dataclass(frozen=True, kw_only=True)
class StaffInvited(StaffEvent):
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationTaken(StaffEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class StaffRoleChanged(StaffEvent):
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class StaffTeamsChanged(StaffEvent):
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StaffBlocked(StaffEvent):
    released: int = 0  # tickets that are nobody's again


@dataclass(frozen=True, kw_only=True)
class StaffUnblocked(StaffEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class SecondFactorReset(StaffEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class StaffLetterQueued(StaffEvent):
    letter_id: int

    @property
    def delivery_keys(self) -> tuple[str, ...]:
        return (str(self.letter_id),)


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(StaffEvent):
    """By the person himself or by an administrator."""

    count: int


@dataclass(frozen=True, kw_only=True)
class LookChanged(DomainEvent):
    """Name, logo or accent of the desk."""

    fields: tuple[str, ...]

    @property
    def stream(self) -> str:
        return "system"


@dataclass(frozen=True, kw_only=True)
class TeamSetUp(DomainEvent):
    """`what`: added | changed | retired | reopened."""

    team: str
    what: str

    @property
    def stream(self) -> str:
        return "system"
