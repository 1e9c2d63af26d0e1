"""Files go last: noted with the rows that named them, taken away after the commit, whenever that succeeds."""

from collections.abc import Collection
from datetime import datetime

from django.apps import apps
from django.db import models

from core import blobs
from privacy.models import LeavingFile

_AT_ONCE = 500


def leave(digests: Collection[str], *, now: datetime) -> None:
    """In the caller's transaction."""
    LeavingFile.objects.bulk_create(
        [LeavingFile(digest=digest, since=now) for digest in sorted(digests)],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["since"],
    )


def take_away() -> None:
    """What a crash or a backup that reads the files leaves of them goes the next time."""
    with blobs.none_goes() as is_held:
        while is_held:
            leaving = dict(LeavingFile.objects.order_by("digest")[:_AT_ONCE].values_list("digest", "since"))
            if not leaving:
                return
            for digest in sorted(leaving.keys() - _named(leaving)):
                blobs.take_away(digest, before=leaving[digest])
            LeavingFile.objects.filter(digest__in=leaving).delete()


def _named(digests: Collection[str]) -> set[str]:
    """Those that some row still names: every column called `digest` counts, whoever added it."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name == "digest" and isinstance(field, models.CharField) and model is not LeavingFile:
                rows = model._default_manager.filter(digest__in=digests)
                found.update(rows.values_list("digest", flat=True))
    return found
