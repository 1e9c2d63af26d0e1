"""Folding and rebuilding the counters; the deltas come from a trigger (migration 0002)."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

_FOLD = """
    WITH gone AS (DELETE FROM tickets_counterdelta RETURNING key, change)
    INSERT INTO tickets_counter (key, total) SELECT key, sum(change) FROM gone GROUP BY key
    ON CONFLICT (key) DO UPDATE SET total = tickets_counter.total + EXCLUDED.total"""
_REBUILD = """
    INSERT INTO tickets_counter (key, total)
    SELECT key, count(*) FROM tickets_ticket t, unnest(tickets_buckets(t)) AS key GROUP BY key"""
_READ = """
    SELECT key, sum(n) FROM (SELECT key, total AS n FROM tickets_counter
    UNION ALL SELECT key, change FROM tickets_counterdelta) AS parts GROUP BY key"""


def fold(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM tickets_counterdelta)")
        if cursor.fetchone()[0]:
            cursor.execute(_FOLD)


@transaction.atomic
def rebuild() -> dict[str, tuple[int, int]]:
    """Counts anew while nobody changes a ticket. What was wrong, as (was, is) by key: nothing, if all is well."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE tickets_ticket IN SHARE MODE")
        before = _as_read(cursor)
        cursor.execute("DELETE FROM tickets_counterdelta")
        cursor.execute("DELETE FROM tickets_counter")
        cursor.execute(_REBUILD)
        after = _as_read(cursor)
    keys = sorted(before.keys() | after.keys())
    both = {key: (before.get(key, 0), after.get(key, 0)) for key in keys}
    return {key: (was, now) for key, (was, now) in both.items() if was != now}


def _as_read(cursor: Any) -> dict[str, int]:
    cursor.execute(_READ)
    return {key: int(total) for key, total in cursor.fetchall()}
