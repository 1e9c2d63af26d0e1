"""All books in full, for restores and for people: as long as it takes, where the minute's look is bounded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.apps import apps
from django.db import connection, models, transaction

from channels_app import queries as doors
from core import blobs
from events import bookkeeping
from events.books import Seen, is_red
from tickets.queries import books, files

WHOLE: dict[str, Callable[[datetime], Seen]] = {
    "mail_nowhere": partial(doors.mail_nowhere, recent=None),
    "tickets_unanswered": partial(books.tickets_unanswered, recent=None),
    "numbers_unknown": partial(books.numbers_unknown, recent=None),
    "counters_off": books.counters_off,
    "journals_broken": partial(bookkeeping.journals_broken, recent=None),
}


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    count: int
    is_red: bool


def recount(*, now: datetime) -> list[Line]:
    """What waits is left to the books of the minute: here is what must never be."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        seen = {name: look(now) for name, look in WHOLE.items()}
        seen["files_missing"] = Seen(len(missing_files()))
    return [Line(name, found.count, is_red(name, found, now=now)) for name, found in seen.items()]


def missing_files() -> set[str]:
    """Digests that rows promise and the storage does not have."""
    return (set(doors.promised_files()) | set(files.promised_files())) - set(blobs.stored())


def orphans(*, before: datetime) -> list[str]:
    """Files no row names, put there before that moment: to a younger one a row may be on its way."""
    named = _named()
    return [digest for digest in blobs.stored() if digest not in named and blobs.put_at(digest) < before]


def _named() -> set[str]:
    """Every column called `digest` that holds one in hex counts, whoever added it."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name == "digest" and isinstance(field, models.CharField):
                found.update(model._default_manager.values_list("digest", flat=True).iterator(10_000))
    return found
