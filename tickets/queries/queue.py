"""The list of tickets and the numbers beside it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from core.clock import NEVER
from core.cursor import place_after, place_of
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm
from tickets.enums import Status
from tickets.models import Queue
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.queries.tags import TagView
from tickets.queries.together import together
from tickets.queries.views import ViewInfo, as_views, views_of
from tickets.queries.walks import (
    ANYBODY,
    DONE,
    LOOKED_AT,
    SPAM,
    QueueFilter,
    along_tag,
    by_sight,
    layout,
    statuses,
    walks,
)

_ROWS = """
    SELECT id, number, version, subject, preview, door, requester_name, requester_email, status, level, level_until,
        is_unread, held_count, priority, due_at, promised_at, account_id, team_id, assignee_id, created_at
    FROM """
_PAGE = """
    SELECT walked.id, number, version, subject, preview, door, account.name, requester_name, requester_email, status,
        level, level_until, team.tier, assignee_id, assignee.name, is_unread, held_count, priority,
        ARRAY(SELECT tag.colour || tag.name FROM tickets_tickettag JOIN tickets_tag AS tag ON tag.id = tag_id
              WHERE ticket_id = walked.id ORDER BY tag.name), promised_at, due_at
    FROM ({walked}) AS walked
    JOIN staff_team AS team ON team.id = team_id
    LEFT JOIN customers_account AS account ON account.id = account_id
    LEFT JOIN staff_staffprofile AS assignee ON assignee.id = assignee_id
    ORDER BY {order}"""
MOST_COUNTED = 100
_FITTING = "SELECT * FROM ({walked}) AS looked_at WHERE {fits} ORDER BY {order} LIMIT {limit}"
_MERGED = "SELECT * FROM ({parts}) AS parts ORDER BY {order} LIMIT {most}"
_COUNT = "(SELECT count(*) FROM (SELECT FROM ({walked}) AS looked_at WHERE {fits} LIMIT {most}) AS fitting)"
_EDGE = "SELECT due_at, id FROM ({walked}) AS looked_at ORDER BY {order} OFFSET {most} - 1"
_COUNTERS = """
    SELECT key, sum(n) AS total FROM (
        SELECT key, total AS n FROM tickets_counter WHERE key = ANY(%(keys)s) OR starts_with(key, 'queue:')
        UNION ALL
        SELECT key, change FROM tickets_counterdelta WHERE key = ANY(%(keys)s) OR starts_with(key, 'queue:')
    ) AS parts GROUP BY key"""


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
    promised_at: datetime | None  # when the nearest open promise is due
    is_unread: bool
    held_count: int
    priority: int
    tags: tuple[TagView, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[QueueRow]
    next_cursor: str = ""
    has_previous: bool = False
    is_cut: bool = False  # as many tickets as are looked at for a page were looked at, and there are more


@dataclass(frozen=True, slots=True)
class QueueInfo:
    id: int
    slug: str
    name_ru: str
    name_en: str
    team_id: int


@dataclass(frozen=True, slots=True)
class Beside:
    queues: list[QueueInfo]
    counters: dict[str, int]  # by view, `queue:<slug>`
    views: list[ViewInfo]


def queue_page(
    actor: Actor,
    chosen: QueueFilter,
    *,
    after: str = "",
    now: datetime,
    limit: int = 50,
    looked_at: int = LOOKED_AT,
) -> QueuePage:
    """One page in the order (due_at, id), what is done newest first. One query, two where a queue or tier is chosen.

    The work does not depend on the size of the desk (walks.py). What no index knows is looked for in the next
    `looked_at` tickets of the list; a page that ends there says so and goes on from there, for one query more.
    """
    parts, place = walks(actor, chosen), place_of(after)
    if not parts:
        return QueuePage([], has_previous=bool(after))
    most = looked_at if chosen.is_by_sight else limit + 1
    walked, order = _merged(parts, chosen, place, most=most), _order(chosen)
    fits, values = by_sight(chosen)
    values |= {"now": now, "due_at": place and place[0], "id": place and place[1]}
    fitting = _FITTING.format(walked=walked, fits=fits, order=order, limit=limit + 1) if chosen.is_by_sight else walked
    edge = None
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(walked=fitting, order=order), values)
        found = cursor.fetchall()
        if chosen.is_by_sight and len(found) <= limit:
            cursor.execute(_EDGE.format(walked=walked, order=order, most=most), values)
            edge = cursor.fetchone()
    rows = [_row(values, now) for values in found[:limit]]
    if edge:
        return QueuePage(rows, place_after(*edge), bool(after), is_cut=True)
    if len(found) <= limit:
        return QueuePage(rows, has_previous=bool(after))
    return QueuePage(rows, place_after(found[limit - 1][-1], rows[-1].id), bool(after))


def capped_counts(actor: Actor, lists: Sequence[QueueFilter], *, now: datetime) -> list[int]:
    """How many tickets each list holds, `MOST_COUNTED` standing for as many or more. Two queries at most.

    Where each ticket has to be looked at, so many of the first 500 of the list.
    """
    desk = layout() if any(chosen.queue or chosen.tier for chosen in lists) else None
    counts, values = [], {"now": now}
    for place, chosen in enumerate(lists):
        parts = walks(actor, chosen, desk)
        if not parts:
            counts.append("0")
            continue
        fits, more = by_sight(chosen, f"n{place}_")
        values |= more
        walked = _merged(parts, chosen, None, most=LOOKED_AT // 4 if chosen.is_by_sight else MOST_COUNTED)
        counts.append(_COUNT.format(walked=walked, fits=fits, most=MOST_COUNTED))
    if not counts:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(counts), values)
        return list(cursor.fetchone())


def _is_done(chosen: QueueFilter) -> bool:
    return chosen.view == SPAM or set(statuses(chosen) or (ANYBODY,)) <= set(DONE)


def _order(chosen: QueueFilter, at: str = "due_at", pk: str = "id") -> str:
    return f"{at} DESC, {pk} DESC" if _is_done(chosen) else f"{at}, {pk}"


def _merged(parts: list[str], chosen: QueueFilter, place: tuple[datetime, int] | None, *, most: int) -> str:
    """The first so many tickets of all walks together, beyond `place`; wants the values `now`, `due_at` and `id`."""
    is_done = _is_done(chosen)
    at, pk = ("walk_due_at", "ticket_id") if chosen.tag else ("due_at", "id")  # of the index that is walked
    bounds = "" if place is None else f" AND {_beyond(place[0], at, pk, is_done=is_done)}"
    if chosen.view == "overdue":
        bounds += f" AND {at} < %(now)s"
    first_rows = (
        f"({_ROWS}{along_tag(part, chosen.tag, is_done=is_done)}{bounds}"
        f" ORDER BY {_order(chosen, at, pk)} LIMIT {most:d})"
        for part in parts
    )
    return _MERGED.format(parts=" UNION ALL ".join(first_rows), order=_order(chosen), most=most)


def _row(values: tuple[Any, ...], now: datetime) -> QueueRow:
    (
        pk, number, version, subject, preview, door, account, name, email, status, level, level_until, tier,
        assignee_id, assignee, is_unread, held_count, priority, tags, promised_at, due_at,
    ) = values  # fmt: skip
    return QueueRow(
        pk, number, pretty(number), version, subject, preview, door, account or name or email, status,
        level_now(level, level_until, now=now), tier, assignee_id, assignee or "",
        None if due_at == NEVER else due_at, promised_at, is_unread, held_count, priority,
        tuple(TagView(tag[1:], tag[0]) for tag in tags),
    )  # fmt: skip


def _beyond(due_at: datetime, at: str, pk: str, *, is_done: bool) -> str:
    if is_done:
        return f"({at}, {pk}) < (%(due_at)s, %(id)s)"
    if due_at == NEVER:  # the same, in words that let the planner see how many tickets share this last moment
        return f"{at} = %(due_at)s AND {pk} > %(id)s"
    return f"({at}, {pk}) > (%(due_at)s, %(id)s)"


_QUEUE = ("id", "slug", "name_ru", "name_en", "team_id")


def queues_of(actor: Actor) -> QuerySet[Queue, Any]:
    found = Queue.objects.filter(is_active=True).order_by("id").values(*_QUEUE)
    return found if actor.may(Perm.SEE_ALL_TICKETS) else found.filter(team_id__in=actor.team_ids)


def queues(actor: Actor) -> list[QueueInfo]:
    return [QueueInfo(**values) for values in queues_of(actor)]


def every_queue() -> list[QueueInfo]:
    """For who sets the desk up: the queues in use, whoever's."""
    return [QueueInfo(**values) for values in Queue.objects.filter(is_active=True).order_by("id").values(*_QUEUE)]


@dataclass(frozen=True, slots=True)
class QueueSetting:
    slug: str
    name_ru: str
    name_en: str
    team: str  # slug
    is_active: bool
    open_count: int


def queue_settings() -> list[QueueSetting]:
    """Every queue, those in use first, with how many open tickets stand in it by the counters. Two queries."""
    rows = Queue.objects.order_by("-is_active", "id").values_list(
        "pk", "slug", "name_ru", "name_en", "team__slug", "is_active"
    )
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, {"keys": []})
        open_in = {key: int(total) for key, total in cursor.fetchall()}
    return [QueueSetting(*row[1:], open_in.get(f"queue:{row[0]}", 0)) for row in rows]


def beside_the_list(actor: Actor) -> Beside:
    """The queues of the actor, the lists with a name, and the numbers beside views and queues: fold plus open deltas,
    never a count over tickets. One query.
    """
    everything = actor.may(Perm.SEE_ALL_TICKETS)
    names = {f"assignee:{actor.staff_id}": ["mine"]}
    prefixes = [""] if everything else [f"team:{team}:" for team in actor.team_ids]
    for prefix in prefixes:
        names[f"{prefix}nobody"] = ["unassigned"]
        for status in (Status.WAITING_CUSTOMER, Status.WAITING_CONFIRMATION):
            names[f"{prefix}status:{status}"] = [str(status)]
    for key in ["open"] if everything else [f"team:{team}" for team in actor.team_ids]:
        names[key] = ["all"]
    asked = together({"queues": queues_of(actor), "counters": _COUNTERS, "views": views_of(actor)}, keys=list(names))
    queues = [QueueInfo(**row) for row in asked["queues"]]
    names |= {f"queue:{queue.id}": [f"queue:{queue.slug}"] for queue in queues}
    found: dict[str, int] = defaultdict(int)
    for row in asked["counters"]:
        for name in names.get(row["key"], []):
            found[name] += int(row["total"])
    found["mine_and_new"] = found["mine"] + found["unassigned"]
    return Beside(queues, dict(found), as_views(actor, asked["views"]))


@dataclass(frozen=True, slots=True)
class Person:
    staff_id: int
    name: str


def working_people() -> QuerySet[StaffProfile, Any]:
    working = StaffProfile.objects.filter(user__is_active=True, role__in=("agent", "lead")).order_by("name")
    return working.values("name", staff_id=F("pk"))


def people() -> list[Person]:
    """Everybody a ticket may be assigned to."""
    return [Person(**values) for values in working_people()]


def oldest_queue() -> str:
    """Slug of the first queue in use, "" where there is none."""
    return Queue.objects.filter(is_active=True).order_by("id").values_list("slug", flat=True).first() or ""
