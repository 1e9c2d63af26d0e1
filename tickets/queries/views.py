"""Lists with a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from staff.actor import Actor
from staff.roles import Perm
from tickets.models import SavedView


@dataclass(frozen=True, slots=True)
class ViewInfo:
    public_id: str
    name: str
    query: str
    is_shared: bool
    may_change: bool


def views_of(actor: Actor) -> QuerySet[SavedView, Any]:
    """Own ones, then those that all have."""
    seen = SavedView.objects.filter(Q(owner_id=actor.staff_id, is_shared=False) | Q(is_shared=True), removed_at=None)
    return seen.order_by("is_shared", "place", "id").values("public_id", "name", "query", "is_shared")


def as_views(actor: Actor, rows: Iterable[Mapping[str, Any]]) -> list[ViewInfo]:
    may_share = actor.may(Perm.SHARE_VIEWS)
    return [
        ViewInfo(str(row["public_id"]), row["name"], row["query"], row["is_shared"], may_share or not row["is_shared"])
        for row in rows
    ]


def saved_views(actor: Actor) -> list[ViewInfo]:
    """One query."""
    return as_views(actor, views_of(actor))


def changeable(by: Actor) -> QuerySet[SavedView]:
    """One's own; those that all have, by whoever may share."""
    own = Q(owner_id=by.staff_id, is_shared=False)
    return SavedView.objects.filter(own | Q(is_shared=True) if by.may(Perm.SHARE_VIEWS) else own)


def removed_view(actor: Actor, public_id: UUID) -> str:
    """The name of one this actor may bring back; "" if there is none."""
    found = changeable(actor).filter(public_id=public_id, removed_at__isnull=False)
    return found.values_list("name", flat=True).first() or ""
