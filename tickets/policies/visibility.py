"""May this person of the desk see this ticket? The same rule as a queryset stands in tickets/access.py."""

from staff.actor import Actor
from staff.roles import Perm
from tickets.enums import Kind


def may_see(actor: Actor, *, team_id: int | None, assignee_id: int | None, kind: Kind) -> bool:
    if not actor.may(Perm.SEE_TICKETS):
        return False
    mine = assignee_id is not None and assignee_id == actor.staff_id
    if kind is Kind.RESTRICTED:
        return mine or (team_id in actor.team_ids and actor.may(Perm.SEE_ALL_TICKETS))
    return actor.may(Perm.SEE_ALL_TICKETS) or mine or team_id in actor.team_ids
