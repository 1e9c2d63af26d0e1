"""How customers read a time: the zone is always named, and today and tomorrow are called so."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import dated, zone_of


def moment(at: datetime) -> str:
    """`26.11.2026 18:44 MSK`, in the reader's zone."""
    return dated(timezone.localtime(at), get_language() or "")


def by(at: datetime, now: datetime) -> str:
    """Until when something is promised: `by 18:44 MSK today`, or with the day where it is another."""
    day, today = timezone.localdate(at), timezone.localdate(now)
    if day == today:
        return _("by %(time)s today") % {"time": _clock(at)}
    if day == today + timedelta(days=1):
        return _("by %(time)s tomorrow") % {"time": _clock(at)}
    return _("by %(at)s") % {"at": moment(at)}


def _clock(at: datetime) -> str:
    local = timezone.localtime(at)
    return date_format(local, "H:i ") + zone_of(local, get_language() or "")
