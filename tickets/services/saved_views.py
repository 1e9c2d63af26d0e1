"""Lists with a name: everybody keeps his own, a lead also those that all have."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible
from tickets.event_types import SavedViewChanged
from tickets.models import SavedView
from tickets.queries.views import changeable
from tickets.services.conversation import Refused

MOST = 15  # of one person, and shared: each is counted beside the list
KEPT_REMOVED = timedelta(days=1)


@transaction.atomic
def save(name: str, query: str, *, is_shared: bool, by: Actor, now: datetime) -> SavedView:
    """Raises `Refused`: "no_name", "too_many_views"."""
    if by.staff_id is None or not by.may(Perm.SHARE_VIEWS if is_shared else Perm.SEE_TICKETS):
        raise NotVisible("views")
    name = _clean(name)
    siblings = _siblings(by, is_shared=is_shared)
    if len(siblings) >= MOST:
        raise Refused("too_many_views")
    place = siblings[-1].place + 1 if siblings else 0
    view = SavedView.objects.create(
        owner_id=by.staff_id, name=name, query=query[:500], is_shared=is_shared, place=place
    )
    _record(view, "saved", by=by, now=now)
    return view


@transaction.atomic
def rename(public_id: UUID, *, name: str, by: Actor, now: datetime) -> None:
    """Raises `Refused("no_name")`."""
    view = _mine(public_id, by)
    view.name = _clean(name)
    view.save(update_fields=["name"])
    _record(view, "renamed", by=by, now=now)


@transaction.atomic
def move(public_id: UUID, *, is_up: bool, by: Actor, now: datetime) -> None:
    """One place up or down among its own; nothing at the end."""
    view = _mine(public_id, by)
    siblings = _siblings(by, is_shared=view.is_shared)
    at = siblings.index(view)
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(siblings):
        siblings[at], siblings[to] = siblings[to], siblings[at]
        _record(view, "moved", by=by, now=now)
    for place, each in enumerate(siblings):
        each.place = place
    SavedView.objects.bulk_update(siblings, ["place"])


@transaction.atomic
def remove(public_id: UUID, *, by: Actor, now: datetime) -> None:
    """Takes it off the lists; `restore` brings it back within a day."""
    SavedView.objects.filter(removed_at__lt=now - KEPT_REMOVED).delete()
    view = _mine(public_id, by)
    view.removed_at = now
    view.save(update_fields=["removed_at"])
    _record(view, "removed", by=by, now=now)


@transaction.atomic
def restore(public_id: UUID, *, by: Actor, now: datetime) -> None:
    """Raises `Refused("too_many_views")`."""
    view = _mine(public_id, by, is_removed=True)
    if len(_siblings(by, is_shared=view.is_shared)) >= MOST:
        raise Refused("too_many_views")
    view.removed_at = None
    view.save(update_fields=["removed_at"])
    _record(view, "restored", by=by, now=now)


def _record(view: SavedView, what: str, *, by: Actor, now: datetime) -> None:
    name = view.name if view.is_shared else ""
    changed = SavedViewChanged(view_id=view.pk, is_shared=view.is_shared, what=what, name=name)
    outbox.record(changed, by=by.key, now=now)


def _mine(public_id: UUID, by: Actor, *, is_removed: bool = False) -> SavedView:
    """One that this actor may change, locked. What others keep for themselves does not exist."""
    found = changeable(by).filter(public_id=public_id, removed_at__isnull=not is_removed)
    view = found.select_for_update().first()
    if view is None:
        raise NotVisible(public_id)
    return view


def _siblings(by: Actor, *, is_shared: bool) -> list[SavedView]:
    """In their order, locked."""
    views = SavedView.objects.filter(is_shared=is_shared, removed_at=None).order_by("place", "id")
    return list((views if is_shared else views.filter(owner_id=by.staff_id)).select_for_update())


def _clean(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise Refused("no_name")
    return name
