"""How somebody is told, and when a letter of it may leave."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Way(StrEnum):
    PAGE = "page"
    MAIL = "mail"  # in the page, too
    NONE = "none"


class Pace(StrEnum):
    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


MORNING = time(8)  # of the daily letter
GRACE = timedelta(minutes=1)  # whoever looks at the page sees it there, and needs no letter


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the wall clock in which no letter leaves; they may go over midnight. Begin and end differ."""

    begins: time
    ends: time

    def holds(self, at: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def leaves_at(at: datetime, *, pace: Pace, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """When a letter of what happened `at` may leave: as often as asked, and never in the quiet hours of that zone."""
    local = at.astimezone(zone)
    match pace:
        case Pace.AT_ONCE:
            due = at + GRACE
        case Pace.HOURLY:
            due = at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            due += timedelta(hours=1)
        case Pace.DAILY:
            due = _next(MORNING, at, zone)
    return after_quiet(due, quiet=quiet, zone=zone)


def after_quiet(at: datetime, *, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The end of the quiet hours where `at` is one of them, else itself."""
    if quiet is None or not quiet.holds(at.astimezone(zone).time()):
        return at
    return _next(quiet.ends, at, zone)


def _next(wall: time, at: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which the clocks of the zone show this time; when they leave it out in spring, the moment
    they would have shown it.
    """
    today = at.astimezone(zone).date()
    times = (
        datetime.combine(today + timedelta(days=days), wall, tzinfo=zone).replace(fold=fold).astimezone(UTC)
        for days in (0, 1, 2)
        for fold in (0, 1)  # in autumn they show it twice
    )
    return next(moment for moment in times if moment > at)
