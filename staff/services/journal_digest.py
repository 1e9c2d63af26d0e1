"""Once a day the digest of the journal leaves the database: whoever rewrites that cannot rewrite what left."""

import json
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import DayDigest
from events.verification import close_days
from staff.actor import SYSTEM
from staff.roles import Role
from staff.services import letters

MAIL = "mail"


def tell(now: datetime) -> None:
    """Chore of the relay: closes days that are over and tells those that were not told. Raises OSError of the file."""
    close_days(now)
    if settings.JOURNAL_DIGEST:
        _tell(now)


@transaction.atomic
def _tell(now: datetime) -> None:
    untold = list(DayDigest.objects.select_for_update(skip_locked=True).filter(told_at=None).order_by("day"))
    if not untold:
        return
    lines = [
        json.dumps({"day": row.day.isoformat(), "events": row.events, "digest": bytes(row.digest).hex()})
        for row in untold
    ]
    if settings.JOURNAL_DIGEST == MAIL:
        letters.notify(
            Role.ADMIN,
            "journal_digest",
            subject=_("Digest of the journal"),
            context={"lines": lines},
            by=SYSTEM.key,
            now=now,
        )
    else:
        _append(Path(settings.JOURNAL_DIGEST), lines)
    DayDigest.objects.filter(pk__in=[row.pk for row in untold]).update(told_at=now)


def _append(path: Path, lines: list[str]) -> None:
    """A line may stand there twice after a crash, and says the same."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
