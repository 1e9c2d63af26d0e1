"""Files go last: noted with the rows that named them, taken away after the commit, whenever that succeeds."""

import logging
from collections.abc import Collection
from datetime import datetime

from django.apps import apps
from django.db import models

from core import blobs
from privacy.models import LeavingFile

log = logging.getLogger(__name__)

_AT_ONCE = 500
_MOST_LEFT = 5


def leave(digests: Collection[str], *, now: datetime) -> None:
    """In the caller's transaction."""
    LeavingFile.objects.bulk_create(
        [LeavingFile(digest=digest, since=now) for digest in sorted(digests)],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["since"],
    )


def take_away() -> None:
    """What a crash, a storage out of reach or a backup that reads the files leaves of them goes the next time."""
    with blobs.none_goes() as is_held:
        left: list[str] = []
        while is_held:
            waiting = LeavingFile.objects.exclude(digest__in=left).order_by("digest")
            leaving = dict(waiting[:_AT_ONCE].values_list("digest", "since"))
            if not leaving:
                return
            for digest in sorted(leaving.keys() - _named(leaving)):
                try:
                    blobs.take_away(digest, before=leaving[digest])
                except Exception as error:  # each storage has errors of its own
                    log.warning("blob=left digest=%s error=%s", digest, type(error).__name__)
                    left.append(digest)
                    if len(left) == _MOST_LEFT:
                        return  # it is out of reach
            LeavingFile.objects.filter(digest__in=leaving).exclude(digest__in=left).delete()


def _named(digests: Collection[str]) -> set[str]:
    """Those that some row still names: every column called `digest` counts, whoever added it."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name == "digest" and isinstance(field, models.CharField) and model is not LeavingFile:
                rows = model._default_manager.filter(digest__in=digests)
                found.update(rows.values_list("digest", flat=True))
    return found
