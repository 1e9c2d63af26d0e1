"""Whether a change of somebody's role or access would leave the desk without the people it needs. Pure."""

from dataclasses import dataclass

from staff.roles import Perm, Role, may


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who may sign in, or not."""

    staff_id: int
    role: Role
    is_active: bool = True


def refusal(everybody: list[Standing], *, changed: Standing, by: int | None) -> str:
    """The reason code why `changed` must not become true, "" if it may. `everybody` are all as they stand now.

    Nobody takes the set-up from himself, the desk always keeps somebody who may set it up, and while anybody
    works tickets, somebody who may assign them to others.
    """
    after = [changed if each.staff_id == changed.staff_id else each for each in everybody]
    if changed.staff_id == by and not _has(Perm.SET_UP, [changed]):
        return "locks_himself_out"
    if _has(Perm.SET_UP, everybody) and not _has(Perm.SET_UP, after):
        return "last_administrator"
    if _has(Perm.ASSIGN_OTHERS, everybody) and not _has(Perm.ASSIGN_OTHERS, after) and _has(Perm.WORK_TICKETS, after):
        return "last_lead"
    return ""


def _has(perm: Perm, people: list[Standing]) -> bool:
    return any(each.is_active and may(each.role, perm) for each in people)
