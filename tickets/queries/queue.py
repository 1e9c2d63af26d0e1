"""The list of tickets and the numbers beside it."""

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from core.clock import NEVER
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm
from tickets.access import visible_to
from tickets.enums import Status
from tickets.models import Queue, Ticket
from tickets.numbers import pretty

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
    queue: str
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
    """One page in the order (due_at, id). One query, whatever the size of the desk."""
    tickets = _filtered(visible_to(actor).filter(is_spam=False), actor, chosen, now=now)
    place = _cursor(after)
    if place is not None:
        due_at, pk = place
        tickets = tickets.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, id__gt=pk), due_at__gte=due_at)
    rows = list(
        tickets.order_by("due_at", "id").values_list(
            "id", "number", "version", "subject", "preview", "door", "account__name", "requester_name",
            "requester_email", "status", "level", "team__tier", "queue__slug", "assignee_id", "assignee__name",
            "due_at", "is_unread", "held_count", "priority",
        )[: limit + 1]
    )  # fmt: skip
    page = [
        QueueRow(
            r[0], r[1], pretty(r[1]), r[2], r[3], r[4], r[5], r[6] or r[7] or r[8], r[9], r[10], r[11], r[12],
            r[13], r[14] or "", None if r[15] == NEVER else r[15], r[16], r[17], r[18],
        )
        for r in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = base64.urlsafe_b64encode(json.dumps([last[15].isoformat(), last[0]]).encode()).decode() if last else ""
    return QueuePage(page, cursor, bool(after))


def _cursor(text: str) -> tuple[datetime, int] | None:
    """A damaged cursor is the first page: it came from an address bar."""
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(text))
        return datetime.fromisoformat(at), int(pk)
    except (ValueError, TypeError):
        return None


def _filtered(tickets: QuerySet[Ticket], actor: Actor, chosen: QueueFilter, *, now: datetime) -> QuerySet[Ticket]:
    mine = Q(assignee_id=actor.staff_id)
    if chosen.view == "done" or chosen.status in _DONE:
        tickets = tickets.filter(status__in=_DONE)
    else:
        tickets = tickets.exclude(status__in=_DONE)
    match chosen.view:
        case "mine_and_new":
            tickets = tickets.filter(mine | Q(assignee=None))
        case "mine":
            tickets = tickets.filter(mine)
        case "unassigned":
            tickets = tickets.filter(assignee=None)
        case "overdue":
            tickets = tickets.filter(due_at__lt=now)
        case "waiting_customer" | "waiting_confirmation":
            tickets = tickets.filter(status=chosen.view)
    if chosen.queue:
        tickets = tickets.filter(queue__slug=chosen.queue)
    if chosen.status:
        tickets = tickets.filter(status=chosen.status)
    if chosen.assignee == "nobody":
        tickets = tickets.filter(assignee=None)
    elif chosen.assignee.isdigit():
        tickets = tickets.filter(assignee_id=int(chosen.assignee))
    if chosen.tier:
        tickets = tickets.filter(team__tier=chosen.tier)
    return tickets


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
