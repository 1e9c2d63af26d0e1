"""The list of tickets and the numbers beside it."""

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
from tickets.access import visible_to
from tickets.models import Queue
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.queries.tags import TagView
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
        is_unread, held_count, priority, due_at, promised_at, account_id, team_id, assignee_id, created_at,
        erased_at
    FROM """
_PAGE = """
    SELECT walked.id, number, version, subject, preview, door, account.name, requester_name, requester_email, status,
        level, level_until, team.tier, assignee_id, assignee.name, is_unread, held_count, priority,
        ARRAY(SELECT tag.colour || tag.name FROM tickets_tickettag JOIN tickets_tag AS tag ON tag.id = tag_id
              WHERE ticket_id = walked.id ORDER BY tag.name), promised_at, erased_at IS NOT NULL, due_at
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
    is_erased: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[QueueRow]
    next_cursor: str = ""
    is_cut: bool = False  # as many tickets as are looked at for a page were looked at, and there are more


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
        return QueuePage([])
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
        return QueuePage(rows, place_after(*edge), is_cut=True)
    if len(found) <= limit:
        return QueuePage(rows)
    return QueuePage(rows, place_after(found[limit - 1][-1], rows[-1].id))


def queue_around(
    actor: Actor, chosen: QueueFilter, number: str, *, now: datetime, each_side: int = 10, looked_at: int = LOOKED_AT
) -> tuple[list[QueueRow], bool]:
    """The list where this ticket stands in it, and whether that is all of it; no rows where it does not stand there.

    Two queries, three where a queue or tier is chosen. Towards each end `looked_at` tickets are looked at where no
    index knows what is asked.
    """
    place = visible_to(actor).filter(number=number).values_list("due_at", "id").first()
    parts = walks(actor, chosen) if place else []
    if not place or not parts:
        return [], False
    fits, values = by_sight(chosen)
    values |= {"now": now, "due_at": place[0], "id": place[1]}
    halves = []
    for is_back in (True, False):
        order, most = _order(chosen, is_back=is_back), looked_at if chosen.is_by_sight else each_side + 1
        walked = _merged(parts, chosen, place, most=most, is_back=is_back)
        halves.append(f"({_FITTING.format(walked=walked, fits=fits, order=order, limit=each_side + 1)})")
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(walked=" UNION ALL ".join(halves), order=_order(chosen)), values)
        rows = [_row(values, now) for values in cursor.fetchall()]
    at = next((at for at, row in enumerate(rows) if row.number == number), None)
    if at is None:
        return [], False
    shown = rows[max(0, at + 1 - each_side) : at + 1 + each_side]
    return shown, len(shown) == len(rows)


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


def _order(chosen: QueueFilter, at: str = "due_at", pk: str = "id", *, is_back: bool = False) -> str:
    return f"{at} DESC, {pk} DESC" if _is_done(chosen) is not is_back else f"{at}, {pk}"


def _merged(
    parts: list[str], chosen: QueueFilter, place: tuple[datetime, int] | None, *, most: int, is_back: bool = False
) -> str:
    """The first so many tickets of all walks together, beyond `place`; wants the values `now`, `due_at` and `id`.

    Backwards it is the ticket at that place and those before it, the nearest first.
    """
    is_done = _is_done(chosen)
    at, pk = ("walk_due_at", "ticket_id") if chosen.tag else ("due_at", "id")  # of the index that is walked
    bounds = ""
    if place is not None:
        bounds = f" AND {_upto(at, pk, is_done=is_done) if is_back else _beyond(place[0], at, pk, is_done=is_done)}"
    if chosen.view == "overdue":
        bounds += f" AND {at} < %(now)s"
    first_rows = (
        f"({_ROWS}{along_tag(part, chosen.tag, is_done=is_done)}{bounds}"
        f" ORDER BY {_order(chosen, at, pk, is_back=is_back)} LIMIT {most:d})"
        for part in parts
    )
    return _MERGED.format(parts=" UNION ALL ".join(first_rows), order=_order(chosen, is_back=is_back), most=most)


def _row(values: tuple[Any, ...], now: datetime) -> QueueRow:
    (
        pk, number, version, subject, preview, door, account, name, email, status, level, level_until, tier,
        assignee_id, assignee, is_unread, held_count, priority, tags, promised_at, is_erased, due_at,
    ) = values  # fmt: skip
    return QueueRow(
        pk, number, pretty(number), version, subject, preview, door,
        account or name or ("" if is_erased else email), status,
        level_now(level, level_until, now=now), tier, assignee_id, assignee or "",
        None if due_at == NEVER else due_at, promised_at, is_unread, held_count, priority,
        tuple(TagView(tag[1:], tag[0]) for tag in tags), is_erased,
    )  # fmt: skip


def _upto(at: str, pk: str, *, is_done: bool) -> str:
    return f"({at}, {pk}) {'>=' if is_done else '<='} (%(due_at)s, %(id)s)"


def _beyond(due_at: datetime, at: str, pk: str, *, is_done: bool) -> str:
    if is_done:
        return f"({at}, {pk}) < (%(due_at)s, %(id)s)"
    if due_at == NEVER:  # the same, in words that let the planner see how many tickets share this last moment
        return f"{at} = %(due_at)s AND {pk} > %(id)s"
    return f"({at}, {pk}) > (%(due_at)s, %(id)s)"


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
