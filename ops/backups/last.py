"""The last backup that can be trusted."""

from datetime import datetime

from django.conf import settings

from core.clock import now as read_clock
from ops.doctor.judge import OLD_BACKUP
from ops.models import Backup


def last_good() -> datetime | None:
    """The moment its data are of: of the newest that is whole, and nothing was broken before."""
    return Backup.objects.filter(damaged=0).order_by("-made_at").values_list("made_at", flat=True).first()


def is_fresh() -> bool:
    """A demo needs none."""
    last = last_good()
    return settings.DEMO or (last is not None and read_clock() - last <= OLD_BACKUP)
