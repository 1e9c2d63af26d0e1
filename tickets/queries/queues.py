"""Queues, and the numbers beside the list of tickets."""

from collections import defaultdict
from collections.abc import Collection, Mapping
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

# By whole keys and by how keys begin ("~" stands behind whatever follows), both along indexes: keys of restricted
# tickets grow in number with the people who have had one.
_COUNTERS = """
    SELECT key, sum(n) AS total FROM (
        SELECT key, total AS n FROM tickets_counter WHERE key = ANY(%(keys)s)
        UNION ALL
        SELECT key, total FROM unnest(%(beginnings)s::text[]) AS beginning
          JOIN tickets_counter ON key ~>=~ beginning AND key ~<~ (beginning || '~')
        UNION ALL
        SELECT key, change FROM tickets_counterdelta WHERE key = ANY(%(keys)s) OR key ^@ ANY(%(beginnings)s)
    ) AS parts GROUP BY key"""
_OF_QUEUES, _RESTRICTED, _RESTRICTED_OF = "queue:", "restricted:", "restricted-of:"
_WAITING = (Status.WAITING_CUSTOMER, Status.WAITING_CONFIRMATION)


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
    """Every queue, those in use first, with how many open tickets stand in it by the counters. Two queries.

    For who sets the desk up and sees no ticket: restricted ones are not among them.
    """
    rows = Queue.objects.order_by("-is_active", "id").values_list(
        "pk", "slug", "name_ru", "name_en", "team__slug", "is_active"
    )
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS, {"keys": [], "beginnings": [_OF_QUEUES]})
        open_in = {key: int(total) for key, total in cursor.fetchall()}
    return [QueueSetting(*row[1:], open_in.get(f"queue:{row[0]}", 0)) for row in rows]


def beside_the_list(actor: Actor) -> Beside:
    """The queues of the actor, the lists with a name, and the numbers beside views and queues: fold plus open deltas,
    never a count over tickets. One query.

    Restricted tickets are counted apart, by team and by person (migration 0039); whoever may see them adds them.
    """
    everything = actor.may(Perm.SEE_ALL_TICKETS)
    names = {f"assignee:{actor.staff_id}": ["mine"]}
    prefixes = [""] if everything else [f"team:{team}:" for team in actor.team_ids]
    for prefix in prefixes:
        names[f"{prefix}nobody"] = ["unassigned"]
        for status in _WAITING:
            names[f"{prefix}status:{status}"] = [str(status)]
    for key in ["open"] if everything else [f"team:{team}" for team in actor.team_ids]:
        names[key] = ["all"]
    of_teams = actor.team_ids if everything else frozenset()
    beginnings = [_OF_QUEUES, f"{_RESTRICTED_OF}{actor.staff_id}:", *(f"{_RESTRICTED}{team}:" for team in of_teams)]
    asked = together(
        {"queues": queues_of(actor), "counters": _COUNTERS, "views": views_of(actor)},
        keys=list(names),
        beginnings=beginnings,
    )
    queues = [QueueInfo(**row) for row in asked["queues"]]
    slugs = {queue.id: queue.slug for queue in queues}
    names |= {f"{_OF_QUEUES}{pk}": [f"queue:{slug}"] for pk, slug in slugs.items()}
    found: dict[str, int] = defaultdict(int)
    for row in asked["counters"]:
        key = row["key"]
        in_lists = _restricted(key, slugs, but=of_teams) if key.startswith("restricted") else names.get(key, [])
        for name in in_lists:
            found[name] += int(row["total"])
    found["mine_and_new"] = found["mine"] + found["unassigned"]
    return Beside(queues, dict(found), as_views(actor, asked["views"]))


def _restricted(key: str, slugs: Mapping[int, str], *, but: Collection[int]) -> list[str]:
    """In which lists the restricted tickets of this key stand; his own of the teams `but` are counted with these."""
    *_, team, queue, status, is_nobodys = key.split(":")
    if key.startswith(_RESTRICTED_OF) and int(team) in but:
        return []
    lists = ["all", *(["unassigned"] if is_nobodys == "1" else []), *([status] if status in _WAITING else [])]
    return [*lists, f"queue:{slugs[int(queue)]}"] if int(queue) in slugs else lists
