"""Totals for monitoring, counted once a minute from what is never taken back. No writer pays for them.

Rows are counted up to the highest id of the last look, a minute ago: whoever had an id by then has committed.
Totals begin when a desk first runs this.
"""

import time
from collections import Counter
from datetime import datetime

from django.db import connection, transaction

from events import registry
from events.models import Tally, TallyMark
from events.registry import Counted, Source

EVERY_SECONDS = 60.0
_due = 0.0


def keep(now: datetime) -> None:
    """The relay's chore: asked every second, at work every minute."""
    global _due
    if time.monotonic() >= _due:
        _due = time.monotonic() + EVERY_SECONDS
        for name, source in registry.TALLIES.items():
            advance(name, source)


@transaction.atomic
def advance(name: str, source: Source) -> None:
    mark, is_new = TallyMark.objects.select_for_update().get_or_create(name=name, defaults={"counted": 0, "seen": 0})
    newest = source.newest()
    if is_new:
        mark.counted = newest
    upto = min(mark.seen, source.settled())
    if upto > mark.counted:
        _add(source.count(mark.counted, upto))
        mark.counted = upto
    mark.seen = newest
    mark.save()


_ADD = """
    INSERT INTO events_tally (key, total) SELECT * FROM unnest(%s, %s::bigint[])
    ON CONFLICT (key) DO UPDATE SET total = events_tally.total + EXCLUDED.total"""


def _add(counted: Counted) -> None:
    if counted:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(counted), list(counted.values())])


def totals() -> Counted:
    return dict(Tally.objects.values_list("key", "total"))


_NEWEST = "SELECT coalesce(max(id), 0) FROM events_event"
_COUNT = """
    SELECT e.type, coalesce(p.data->>'door', ''), coalesce(p.data->>'status', ''), count(*)
      FROM events_event e JOIN events_eventpayload p ON p.event_id = e.id
     WHERE e.id > %s AND e.id <= %s GROUP BY 1, 2, 3"""


def newest_event() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        return int(cursor.fetchone()[0])


def count_events(after: int, upto: int) -> Counted:
    counted: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [after, upto])
        for kind, door, status, count in cursor.fetchall():
            counted[f"event:{kind}"] += count
            if kind == "TicketOpened":
                counted[f"opened:{door}"] += count
            elif kind == "ReplyDelivered":
                counted[f"letter:{status}"] += count
    return dict(counted)
