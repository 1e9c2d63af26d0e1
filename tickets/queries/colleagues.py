"""Colleagues at a ticket: who can be called to it, and who was."""

from dataclasses import dataclass

from staff.actor import Actor
from staff.queries import colleagues
from tickets.access import get_ticket_for
from tickets.enums import Kind
from tickets.policies.mentions import handle_of, handles
from tickets.policies.visibility import may_see


@dataclass(frozen=True, slots=True)
class MentionView:
    """Of somebody in the text of a note, and why nobody was told; "" when he was."""

    start: int
    end: int
    why_not: str


@dataclass(frozen=True, slots=True)
class Callable:
    name: str
    handle: str  # what stands behind the @


def callable_to(actor: Actor, number: str) -> list[Callable]:
    """The others who may see this ticket, by name."""
    ticket = get_ticket_for(actor, number)
    people = {each.actor.staff_id or 0: each for each in colleagues()}
    called = handles({staff_id: (each.actor.name, each.login) for staff_id, each in people.items()})
    return [
        Callable(each.actor.name, handle_of(staff_id, each.actor.name, each.login, called))
        for staff_id, each in people.items()
        if staff_id != actor.staff_id
        and may_see(each.actor, team_id=ticket.team_id, assignee_id=ticket.assignee_id, kind=Kind(ticket.kind))
    ]
