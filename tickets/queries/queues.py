"""Queues, and the numbers beside the list of tickets."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from staff.actor import Actor
from staff.roles import Perm
from tickets.enums import Status
from tickets.models import Queue
from tickets.queries.together import together
from tickets.queries.views import ViewInfo, as_views, views_of

_COUNTERS = """
    SELECT key, sum(n) AS total FROM (
        SELECT key, total AS n FROM tickets_counter WHERE key = ANY(%(keys)s) OR starts_with(key, 'queue:')
        UNION ALL
        SELECT key, change FROM tickets_counterdelta WHERE key = ANY(%(keys)s) OR starts_with(key, 'queue:')
    ) AS parts GROUP BY key"""


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
