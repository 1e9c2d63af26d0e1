"""A list of tickets as walks, each along one index in the order of the page (tickets/models/ticket.py).

Asked in one condition, "of my teams or mine" and "mine or nobody's", PostgreSQL sorts every open ticket or walks past
those of others. The page takes its first rows of each walk and merges them. It is SQL by hand because the ORM spends
more time on writing so many parts than the database on answering. The walks of a list are disjoint and together hold
what `access.visible_to` and the filter allow, no more and no less: tests/tickets/test_queue.py compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from staff.actor import Actor
from staff.models import Team
from staff.roles import Perm
from tickets.enums import DONE, Status

ANYBODY, NOBODY = "", "nobody"
SPAM = "spam"
_OPEN = "NOT status IN ('resolved', 'closed')"
_PLAIN, _RESTRICTED = "kind <> 'restricted'", "kind = 'restricted'"
LOOKED_AT = 2000  # tickets of a list that are looked at for one page, where no index knows what is asked
_OF_VIEW = {
    "done": DONE,
    "waiting_customer": ("waiting_customer",),
    "waiting_confirmation": ("waiting_confirmation",),
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    view: str = "mine_and_new"
    queue: str = ""
    status: str = ""
    assignee: str = ""  # staff id, "nobody" or ""
    tier: int = 0
    tag: int = 0  # its id
    door: str = ""
    level: int = 0  # at least
    since: date | None = None  # opened on this day or later, where the reader is
    until: date | None = None  # opened on this day or before
    field: str = ""  # one of the desk's own and its value, "7:yes"

    @property
    def is_by_sight(self) -> bool:
        """Asks for what no index of a walk knows: each ticket has to be looked at."""
        return bool(self.door or self.level or self.since or self.until or self.field)


# The teams of the desk with their queues: id, tier, queue id, queue slug.
Layout = list[tuple[int, int, int | None, str | None]]


def layout() -> Layout:
    """One query."""
    return list(Team.objects.values_list("id", "tier", "queues__id", "queues__slug"))


def statuses(chosen: QueueFilter) -> tuple[str, ...] | None:
    """The states to show; None stands for all that are open."""
    of_view = _OF_VIEW.get(chosen.view)
    if not chosen.status:
        return of_view
    is_shown = chosen.status in (of_view or list(Status))
    return (chosen.status,) if is_shown else ()


def walks(actor: Actor, chosen: QueueFilter, desk: Layout | None = None) -> list[str]:
    """Conditions over tickets_ticket; they hold numbers and our own words only. One query if a queue or tier is chosen
    and the layout of the desk is not given.

    Where a person's own tickets are narrowed to a queue or tier, that walk is bounded by how many the person has.
    """
    states, owners = statuses(chosen), _owners(actor, chosen)
    if not actor.may(Perm.SEE_TICKETS) or states == () or not owners:
        return []
    if chosen.view == SPAM:  # in any state, unless one is asked for
        of_states = [f"status = '{Status(chosen.status)}'" if chosen.status else "true"]
    else:
        of_states = [_OPEN] if states is None else [f"status = '{Status(state)}'" for state in states]
    everybodys, narrowed = _places(actor, chosen, desk, is_by_team=states is not None and NOBODY in owners)
    mine = f"assignee_id = {actor.staff_id:d}{narrowed}"
    parts: list[str] = []
    for owner in owners:
        if owner == ANYBODY:
            parts += [mine, *(f"{part} AND assignee_id IS DISTINCT FROM {actor.staff_id:d}" for part in everybodys)]
        elif owner == NOBODY:
            parts += [f"{part} AND assignee_id IS NULL" for part in everybodys]
        elif owner == str(actor.staff_id):
            parts.append(mine)
        else:  # along the index of this person, past tickets of other teams
            parts += [f"{part} AND assignee_id = {int(owner):d}" for part in everybodys]
    mark = "is_spam" if chosen.view == SPAM else "NOT is_spam"
    return [f"{mark} AND {state} AND {part}" for part in parts for state in of_states]


def _owners(actor: Actor, chosen: QueueFilter) -> list[str]:
    me = str(actor.staff_id)
    of_view = {"mine_and_new": [me, NOBODY], "mine": [me], "unassigned": [NOBODY]}.get(chosen.view, [ANYBODY])
    if not chosen.assignee:
        return of_view
    return [chosen.assignee] if of_view == [ANYBODY] or chosen.assignee in of_view else []


def _places(actor: Actor, chosen: QueueFilter, desk: Layout | None, *, is_by_team: bool) -> tuple[list[str], str]:
    """Where the actor sees more than his own tickets; and the chosen queue and tier as a condition to add."""
    sees_all = actor.may(Perm.SEE_ALL_TICKETS)
    if chosen.queue or chosen.tier or (is_by_team and sees_all):
        plain, narrowed = _chosen_places(actor, chosen, layout() if desk is None else desk, sees_all=sees_all)
    else:
        plain, narrowed = [""] if sees_all else [f" AND team_id = {team:d}" for team in actor.team_ids], ""
    restricted = [f"{_RESTRICTED} AND team_id = {team:d}{narrowed}" for team in actor.team_ids if sees_all]
    return [*(_PLAIN + place for place in plain), *restricted], narrowed


def _chosen_places(actor: Actor, chosen: QueueFilter, desk: Layout, *, sees_all: bool) -> tuple[list[str], str]:
    teams: set[int] = set()
    queues: list[tuple[int, int]] = []
    for team, tier, queue, slug in desk:
        if not chosen.tier or tier == chosen.tier:
            teams.add(team)
            if queue is not None and chosen.queue and slug == chosen.queue:
                queues.append((queue, team))
    seen = teams if sees_all else teams & actor.team_ids
    narrowed = f" AND team_id IN ({_numbers(teams)})" if chosen.tier else ""
    if not chosen.queue:
        return [f" AND team_id = {team:d}" for team in seen], narrowed
    narrowed += f" AND queue_id IN ({_numbers(queue for queue, _ in queues)})"
    return [f" AND queue_id = {queue:d}" for queue, team in queues if team in seen], narrowed


def by_sight(chosen: QueueFilter, prefix: str = "") -> tuple[str, dict[str, Any]]:
    """What a ticket that was walked to has to be besides, over the columns of `queue._ROWS`
    as `looked_at`; its values are named with
    the prefix and want `now` beside them. It may fit one in a million, so whoever asks looks at `LOOKED_AT` at most.
    """
    fits: list[str] = ["true"]
    values: dict[str, Any] = {}
    if chosen.door:
        fits.append(f"door = %({prefix}door)s")
        values["door"] = chosen.door
    if chosen.level:  # as policies.level.level_now
        fits.append(f"CASE WHEN level_until <= %(now)s THEN least(level, 1) ELSE level END >= {chosen.level:d}")
    if chosen.since:
        fits.append(f"created_at >= %({prefix}since)s")
        values["since"] = _start(chosen.since)
    if chosen.until:
        fits.append(f"created_at < %({prefix}until)s")
        values["until"] = _start(chosen.until, days=1)
    if chosen.field:  # looked up only where it is asked for: the rows of a walk stay narrow
        own = "(SELECT field_values FROM tickets_ticket AS own WHERE own.id = looked_at.id)"
        fits.append(f"{own} ->> %({prefix}field)s = %({prefix}holds)s")
        values["field"], _, values["holds"] = chosen.field.partition(":")
    return " AND ".join(fits), {f"{prefix}{name}": value for name, value in values.items()}


def _start(day: date, *, days: int = 0) -> datetime:
    """Of the day, where the reader is; kept within the years every time zone can tell."""
    day = min(max(day, date(2, 1, 1)), date(9998, 1, 1)) + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time()))


def _numbers(keys: Iterable[int]) -> str:
    return ", ".join(str(int(key)) for key in keys) or "NULL"


def along_tag(part: str, tag: int, *, is_done: bool) -> str:
    """What a walk reads from: the tickets, or those of a tag in the order written beside it (models/tag.py)."""
    if not tag:
        return f"tickets_ticket WHERE {part}"
    return (
        "tickets_tickettag AS tagged JOIN tickets_ticket ON tickets_ticket.id = tagged.ticket_id"
        f" WHERE tagged.tag_id = {tag:d} AND tagged.is_listed = {'false' if is_done else 'true'} AND {part}"
    )
