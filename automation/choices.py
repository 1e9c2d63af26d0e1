"""How each person wants to be told of what: kept by himself, followed by whoever tells him."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from automation.models import Choices, Notification
from automation.policies import Pace, Quiet, Way, after_quiet, leaves_at
from staff.models import StaffProfile
from tickets.policies.concern import Why
from tickets.services.refused import Refused


@dataclass(frozen=True, slots=True)
class Told:
    ways: Mapping[str, Way] = field(default_factory=dict)  # in the page where nothing is said
    pace: Pace = Pace.AT_ONCE
    quiet: Quiet | None = None
    zone: str = ""  # "": the installation's

    def way(self, kind: str) -> Way:
        """An alarm is nobody's choice: always in the page and by mail."""
        return Way.MAIL if kind == Why.ALARM else self.ways.get(kind, Way.PAGE)

    def mail_due_at(self, kind: str, at: datetime) -> datetime | None:
        """When a letter of this may leave; None if he wants none."""
        if kind == Why.ALARM:
            return at  # at any hour
        if self.way(kind) is not Way.MAIL:
            return None
        return leaves_at(at, pace=self.pace, quiet=self.quiet, zone=_zone(self.zone))

    def waits_until(self, now: datetime) -> datetime:
        """The end of the quiet hours if it is one of them, else `now`."""
        return after_quiet(now, quiet=self.quiet, zone=_zone(self.zone))


def of(person: StaffProfile) -> Told:
    """No query if the person was selected with `user` and `choices`."""
    kept = getattr(person, "choices", None)
    if kept is None:
        return Told(zone=person.user.time_zone)
    quiet = Quiet(kept.quiet_from, kept.quiet_until) if kept.quiet_from and kept.quiet_until else None
    ways = {kind: Way(way) for kind, way in kept.ways.items()}
    return Told(ways, Pace(kept.pace), quiet, person.user.time_zone)


def of_staff(staff_id: int) -> Told:
    return of(StaffProfile.objects.select_related("user", "choices").get(pk=staff_id))


@transaction.atomic
def keep(
    staff_id: int, *, ways: Mapping[str, Way], pace: Pace, quiet: tuple[time | None, time | None], zone: str
) -> None:
    """Letters that wait go by the new choice. Raises `Refused`: "half_quiet", "no_quiet", "no_such_zone"."""
    begins, ends = quiet
    if (begins is None) != (ends is None):
        raise Refused("half_quiet")
    if begins is not None and begins == ends:
        raise Refused("no_quiet")
    if zone and zone not in zoneinfo.available_timezones():
        raise Refused("no_such_zone")
    kept = {kind: way.value for kind, way in ways.items() if kind in set(Why) and way is not Way.PAGE}
    Choices.objects.update_or_create(
        staff_id=staff_id, defaults={"ways": kept, "pace": pace.value, "quiet_from": begins, "quiet_until": ends}
    )
    person = StaffProfile.objects.select_related("user", "choices").get(pk=staff_id)
    if person.user.time_zone != zone:
        person.user.time_zone = zone
        person.user.save(update_fields=["time_zone"])
    waiting = list(Notification.objects.select_for_update().filter(staff_id=staff_id, mail_due_at__isnull=False))
    told = of(person)
    for row in waiting:
        row.mail_due_at = told.mail_due_at(row.kind, row.at)
    Notification.objects.bulk_update(waiting, ["mail_due_at"])


def _zone(name: str) -> zoneinfo.ZoneInfo:
    """A zone this machine does not know is the installation's."""
    try:
        return zoneinfo.ZoneInfo(name or timezone.get_default_timezone_name())
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(timezone.get_default_timezone_name())
