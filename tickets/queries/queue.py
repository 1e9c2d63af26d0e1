"""The list of tickets and the numbers beside it."""

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from core.clock import NEVER
from staff.actor import Actor
from staff.models import StaffProfile, Team
from staff.roles import Perm
from tickets.access import visible_to
from tickets.enums import Kind, Status
from tickets.models import Queue, Ticket
from tickets.numbers import pretty
from tickets.policies.level import level_now

ANYBODY, NOBODY = "", "nobody"
_DONE = ("resolved", "closed")
_COUNTERS = """
    SELECT key, sum(n) FROM (
        SELECT key, total AS n FROM tickets_counter WHERE key = ANY(%(keys)s)
        UNION ALL SELECT key, change FROM tickets_counterdelta WHERE key = ANY(%(keys)s)
    ) AS parts GROUP BY key"""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    view: str = "mine_and_new"
    queue: str = ""
    status: str = ""
    assignee: str = ""  # staff id, "nobody" or ""
    tier: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    id: int
    number: str
    pretty_number: str
    version: int
    subject: str
    preview: str
    door: str
    customer: str
    status: str
    level: int
    tier: int
    assignee_id: int | None
    assignee_name: str
    due_at: datetime | None
    is_unread: bool
    held_count: int
    priority: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[QueueRow]
    next_cursor: str = ""
    has_previous: bool = False


@dataclass(frozen=True, slots=True)
class QueueInfo:
    id: int
    slug: str
    name_ru: str
    name_en: str
    team_id: int


def queue_page(actor: Actor, chosen: QueueFilter, *, after: str = "", now: datetime, limit: int = 50) -> QueuePage:
    """One page in the order (due_at, id), what is done newest first. One query, two where a queue or tier is chosen.

    The work does not depend on the size of the desk, see `_walks`. Where a person's own tickets are narrowed to a queue
    or tier it is bounded by how many that person has.
    """
    is_done = set(_statuses(chosen) or [ANYBODY]) <= set(_DONE)
    order = ("-due_at", "-id") if is_done else ("due_at", "id")
    place = _cursor(after)
    walks = []
    for part in _walks(actor, chosen):
        walk = Ticket.objects.filter(part, is_spam=False)
        if chosen.view == "overdue":
            walk = walk.filter(due_at__lt=now)
        if place is not None:
            walk = walk.filter(_beyond(*place, is_done=is_done))
        walks.append(walk.order_by(*order).values("due_at", "id")[: limit + 1])
    if not walks:
        return QueuePage([], has_previous=bool(after))
    first, *others = walks
    merged = first.union(*others).order_by(*order)[: limit + 1] if others else first
    try:
        sql, parameters = merged.query.sql_with_params()
    except EmptyResultSet:  # a queue or tier that is not there
        return QueuePage([], has_previous=bool(after))
    found = RawSQL(f"SELECT id FROM ({sql}) AS walked", parameters)  # noqa: S608, S611 - the ORM wrote it
    rows = list(
        visible_to(actor).filter(id__in=found).order_by(*order).values_list(
            "id", "number", "version", "subject", "preview", "door", "account__name", "requester_name",
            "requester_email", "status", "level", "level_until", "team__tier", "assignee_id", "assignee__name",
            "due_at", "is_unread", "held_count", "priority",
        )
    )  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = base64.urlsafe_b64encode(json.dumps([last[15].isoformat(), last[0]]).encode()).decode() if last else ""
    return QueuePage([_row(values, now) for values in rows[:limit]], cursor, bool(after))


def _row(r: tuple[Any, ...], now: datetime) -> QueueRow:
    level = level_now(r[10], r[11], now=now)
    return QueueRow(
        r[0], r[1], pretty(r[1]), r[2], r[3], r[4], r[5], r[6] or r[7] or r[8], r[9], level, r[12],
        r[13], r[14] or "", None if r[15] == NEVER else r[15], r[16], r[17], r[18],
    )  # fmt: skip


def _cursor(text: str) -> tuple[datetime, int] | None:
    """A damaged cursor is the first page: it came from an address bar."""
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(text))
        return datetime.fromisoformat(at), int(pk)
    except (ValueError, TypeError):
        return None


def _beyond(due_at: datetime, pk: int, *, is_done: bool) -> Any:
    if is_done:
        return TupleLessThan((F("due_at"), F("id")), (due_at, pk))
    if due_at == NEVER:  # the same, in words that let the planner see how many tickets share this last moment
        return Q(due_at=NEVER, id__gt=pk)
    return TupleGreaterThan((F("due_at"), F("id")), (due_at, pk))


def _walks(actor: Actor, chosen: QueueFilter) -> list[Q]:
    """The list as parts, each of which one index holds in the order of the page.

    The page takes its first rows of each and merges them. Asked in one condition, "mine or nobody's", "of my teams
    or mine", PostgreSQL sorts every open ticket or walks past those of others. The parts may overlap and must leave
    nothing out of `visible_to`, which still has the last word on every row; tests/tickets/test_queue.py compares.
    """
    statuses, owners = _statuses(chosen), _owners(actor, chosen)
    if statuses == [] or owners == []:
        return []
    plain, of_queue_and_tier = _places(actor, chosen, is_by_team=statuses is not None and NOBODY in owners)
    states = [~Q(status__in=_DONE)] if statuses is None else [Q(status=status) for status in statuses]
    restricted = Q(kind=Kind.RESTRICTED.value)
    of_my_teams = [restricted & Q(team_id=team) & of_queue_and_tier for team in actor.team_ids]
    everybody = [*(~restricted & place for place in plain), *(of_my_teams if actor.may(Perm.SEE_ALL_TICKETS) else [])]
    mine = Q(assignee_id=actor.staff_id) & of_queue_and_tier
    parts: list[Q] = []
    for owner in owners:
        if owner == ANYBODY:
            parts += [*everybody, mine]
        elif owner == NOBODY:
            parts += [part & Q(assignee=None) for part in everybody]
        elif owner == str(actor.staff_id):
            parts.append(mine)
        else:  # along the index of this person, past tickets of other teams
            parts += [part & Q(assignee_id=int(owner)) for part in everybody]
    return [part & state for part in parts for state in states]


def _statuses(chosen: QueueFilter) -> list[str] | None:
    """The states to show; None stands for all that are open."""
    of_view = {"done": [*_DONE], "waiting_customer": ["waiting_customer"],
               "waiting_confirmation": ["waiting_confirmation"]}.get(chosen.view)  # fmt: skip
    if not chosen.status:
        return of_view
    return [chosen.status] if of_view is None or chosen.status in of_view else []


def _owners(actor: Actor, chosen: QueueFilter) -> list[str]:
    me = str(actor.staff_id)
    of_view = {"mine_and_new": [me, NOBODY], "mine": [me], "unassigned": [NOBODY]}.get(chosen.view, [ANYBODY])
    if not chosen.assignee:
        return of_view
    return [chosen.assignee] if of_view == [ANYBODY] or chosen.assignee in of_view else []


def _places(actor: Actor, chosen: QueueFilter, *, is_by_team: bool) -> tuple[list[Q], Q]:
    """Where the actor sees every ticket that is not restricted; and the chosen queue and tier as a plain condition."""
    sees_all = actor.may(Perm.SEE_ALL_TICKETS)
    if not (chosen.queue or chosen.tier or (is_by_team and sees_all)):
        return [Q()] if sees_all else [Q(team_id=team) for team in actor.team_ids], Q()
    teams: set[int] = set()
    queues: list[tuple[int, int]] = []
    for team, tier, queue, slug in Team.objects.values_list("id", "tier", "queues__id", "queues__slug"):
        if not chosen.tier or tier == chosen.tier:
            teams.add(team)
            if chosen.queue and slug == chosen.queue:
                queues.append((queue, team))
    seen = teams if sees_all else teams & actor.team_ids
    condition = Q(team_id__in=teams) if chosen.tier else Q()
    if not chosen.queue:
        return [Q(team_id=team) for team in seen], condition
    condition &= Q(queue_id__in=[queue for queue, _ in queues])
    return [Q(queue_id=queue) & condition for queue, team in queues if team in seen], condition


def queues(actor: Actor) -> list[QueueInfo]:
    found = Queue.objects.order_by("id")
    if not actor.may(Perm.SEE_ALL_TICKETS):
        found = found.filter(team_id__in=actor.team_ids)
    return [QueueInfo(q.pk, q.slug, q.name_ru, q.name_en, q.team_id) for q in found]


def counters(actor: Actor, shown: list[QueueInfo]) -> dict[str, int]:
    """Numbers beside the views: fold plus open deltas, never a count over tickets. One query."""
    everything = actor.may(Perm.SEE_ALL_TICKETS)
    names = {f"assignee:{actor.staff_id}": ["mine"]}
    names |= {f"queue:{queue.id}": [f"queue:{queue.slug}"] for queue in shown}
    prefixes = [""] if everything else [f"team:{team}:" for team in actor.team_ids]
    for prefix in prefixes:
        names[f"{prefix}nobody"] = ["unassigned"]
        for status in (Status.WAITING_CUSTOMER, Status.WAITING_CONFIRMATION):
            names[f"{prefix}status:{status}"] = [str(status)]
    for key in ["open"] if everything else [f"team:{team}" for team in actor.team_ids]:
        names[key] = ["all"]
    found: dict[str, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, {"keys": list(names)})
        for key, total in cursor.fetchall():
            for name in names[key]:
                found[name] += int(total)
    found["mine_and_new"] = found["mine"] + found["unassigned"]
    return dict(found)


@dataclass(frozen=True, slots=True)
class Person:
    staff_id: int
    name: str


def people() -> list[Person]:
    """Everybody a ticket may be assigned to."""
    working = StaffProfile.objects.filter(user__is_active=True, role__in=("agent", "lead")).order_by("name")
    return [Person(pk, name) for pk, name in working.values_list("pk", "name")]
