"""What the processes behind the doors say of themselves. Pages read it; nobody asks another server for a page."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError

from channels_app.models import Door, DoorState

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)


class Teller:
    """Says how one door is: at once when that changes, else every minute. One process tells of a door."""

    def __init__(self, door: Door, channel_id: int | None = None) -> None:
        self.door, self.channel_id = door, channel_id
        self.trouble: str | None = None  # None: nothing was said yet
        self.told_at: datetime | None = None

    def good(self, *, now: datetime) -> None:
        self._tell("", now=now, good_at=now)

    def troubled(self, code: str, *, now: datetime) -> None:
        self._tell(code, now=now)

    def alive(self, *, now: datetime) -> None:
        """Still at it; how it is has not changed."""
        if self.trouble is not None:
            self._tell(self.trouble, now=now)

    def _tell(self, trouble: str, *, now: datetime, good_at: datetime | None = None) -> None:
        is_change = trouble != self.trouble
        if not is_change and self.told_at is not None and now - self.told_at < EVERY:
            return
        values: dict[str, object] = {"alive_at": now, "trouble": trouble}
        if good_at is not None:
            values["good_at"] = good_at
        try:
            state = DoorState.objects.filter(door=self.door, channel=self.channel_id).first()
            if state is None:
                state = DoorState.objects.create(door=self.door, channel_id=self.channel_id, alive_at=now)
            if state.trouble != trouble:
                values["troubled_since"] = now if trouble else None
            DoorState.objects.filter(pk=state.pk).update(**values)
        except DatabaseError as error:  # also when the channel is gone: what is told about is not what is done
            log.warning("health of door=%s not told: %s", self.door, type(error).__name__)
            return
        self.trouble, self.told_at = trouble, now
