"""Folding and rebuilding the counters; the deltas come from a trigger (migration 0002)."""

from datetime import datetime

from django.db import connection, transaction

_FOLD = """
    WITH gone AS (DELETE FROM tickets_counterdelta RETURNING key, change)
    INSERT INTO tickets_counter (key, total) SELECT key, sum(change) FROM gone GROUP BY key
    ON CONFLICT (key) DO UPDATE SET total = tickets_counter.total + EXCLUDED.total"""
_REBUILD = """
    INSERT INTO tickets_counter (key, total)
    SELECT key, count(*) FROM tickets_ticket t, unnest(tickets_buckets(t)) AS key GROUP BY key"""


def fold(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM tickets_counterdelta)")
        if cursor.fetchone()[0]:
            cursor.execute(_FOLD)


@transaction.atomic
def rebuild() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE tickets_ticket IN SHARE MODE")
        cursor.execute("DELETE FROM tickets_counterdelta")
        cursor.execute("DELETE FROM tickets_counter")
        cursor.execute(_REBUILD)
