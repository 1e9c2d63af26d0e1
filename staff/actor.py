"""What rules see instead of a user: a value, so that no rule ever reads a session."""

from dataclasses import dataclass

from staff.roles import Perm, Role, may


@dataclass(frozen=True, slots=True)
class Actor:
    """`key` goes into the journal. The system and the requester are actors too; no actor means refusal."""

    key: str
    name: str = ""
    staff_id: int | None = None
    role: Role | None = None
    team_ids: frozenset[int] = frozenset()

    def may(self, perm: Perm) -> bool:
        return self.role is not None and may(self.role, perm)

    @property
    def is_staff(self) -> bool:
        return self.staff_id is not None


SYSTEM = Actor(key="system")
REQUESTER = Actor(key="requester")
