"""Names that pages say again and again: read once a minute."""

from datetime import datetime
from functools import lru_cache

from django.core.cache import cache
from django.utils.translation import get_language

from channels_app.queries import addresses_by_queue
from core.clock import now as read_clock
from staff.queries import names_by_key
from tickets import queries
from tickets.enums import FieldKind
from tickets.policies.fields import Field
from tickets.queries import Person, TagView

SECONDS = 60


def people() -> tuple[Person, ...]:
    """Everybody a ticket may be assigned to."""
    return _people(_as_of())


def tags() -> tuple[TagView, ...]:
    """Those a ticket may be given."""
    return _tags(_as_of())


def field_filters() -> tuple[Field, ...]:
    """The desk's own fields that a list can be narrowed to: those with a few values to choose from."""
    return _field_filters(_as_of())


def of_staff(staff_id: object) -> str:
    """Also of somebody who has left. Empty for somebody who came within the minute."""
    return of_actor(f"staff:{staff_id}")


def of_actor(key: str) -> str:
    """`staff:7` by name; empty for requesters and the machinery."""
    return _names(_as_of()).get(key, "")


def of_queue(slug: str) -> str:
    """In the reader's language; empty for one that does not exist."""
    name_ru, name_en = _queues(_as_of()).get(slug, ("", ""))
    return name_ru if (get_language() or "").startswith("ru") else name_en


def addresses_of(queue_slug: str) -> tuple[str, ...]:
    """Ours from which a reply of this queue may leave."""
    return _addresses(_as_of()).get(queue_slug, ())


def _as_of() -> datetime:
    # The cache holds the moment only: it would copy the whole list for every name asked.
    return cache.get_or_set("people_as_of", read_clock, SECONDS) or read_clock()


@lru_cache(maxsize=1)
def _people(as_of: datetime) -> tuple[Person, ...]:
    return tuple(queries.people())


@lru_cache(maxsize=1)
def _tags(as_of: datetime) -> tuple[TagView, ...]:
    return tuple(queries.tags())


@lru_cache(maxsize=1)
def _field_filters(as_of: datetime) -> tuple[Field, ...]:
    return tuple(f for f in queries.fields() if f.is_active and f.kind in {FieldKind.CHOICE, FieldKind.YES_NO})


@lru_cache(maxsize=1)
def _names(as_of: datetime) -> dict[str, str]:
    return names_by_key()


@lru_cache(maxsize=1)
def _queues(as_of: datetime) -> dict[str, tuple[str, str]]:
    return {queue.slug: (queue.name_ru, queue.name_en) for queue in queries.every_queue()}


@lru_cache(maxsize=1)
def _addresses(as_of: datetime) -> dict[str, tuple[str, ...]]:
    return addresses_by_queue()
