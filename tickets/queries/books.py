"""What this room can say about the books: each look is bounded, `recent=None` looks at everything."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from events.books import Seen
from tickets.models import Message

RECENT = 1000
SETTLED = timedelta(minutes=1)


def known_messages(ids: Collection[int]) -> set[int]:
    return set(Message.objects.filter(pk__in=ids).values_list("pk", flat=True))


# A ticket that mail, a form or a panel opened begins its journal so; one made otherwise, by splitting say, owes
# nobody a reply.
_UNANSWERED = """
    SELECT count(*), min(t.created_at)
      FROM (SELECT id, created_at FROM tickets_ticket ORDER BY id DESC LIMIT %(recent)s) AS t
      JOIN events_event opened ON opened.stream = 'ticket:' || t.id AND opened.sequence = 1
      JOIN events_eventpayload told ON told.event_id = opened.id
      JOIN events_event heard ON heard.stream = opened.stream AND heard.sequence = 2
     WHERE t.created_at < %(settled)s AND opened.type = 'TicketOpened'
       AND (heard.type = 'RequestFiled' OR heard.type = 'MessageReceived' AND told.data->>'door' = 'email')
       AND NOT EXISTS (SELECT 1 FROM tickets_autoreply a WHERE a.ticket_id = t.id)"""
_UNKNOWN = """
    SELECT count(*), min(t.created_at)
      FROM (SELECT number, created_at FROM tickets_ticket ORDER BY id DESC LIMIT %(recent)s) AS t
     WHERE NOT EXISTS (SELECT 1 FROM tickets_issuednumber i WHERE i.number = t.number)"""
_LEVELS = """
    SELECT count(*), min(level_until) FROM (
        SELECT level_until FROM tickets_ticket WHERE level_until <= %(now)s ORDER BY level_until LIMIT 1000) AS due"""
_SUMMARIES = """
    SELECT count(*), min(at) FROM (
        SELECT at FROM tickets_autoreply WHERE awaits_summary ORDER BY at LIMIT 1000) AS waiting"""
_COUNTERS = """
    WITH counted AS (
        SELECT key, count(*) AS total FROM tickets_ticket t, unnest(tickets_buckets(t)) AS key GROUP BY key),
    kept AS (
        SELECT key, sum(total) AS total FROM (
            SELECT key, total FROM tickets_counter UNION ALL SELECT key, change FROM tickets_counterdelta) AS both_of
         GROUP BY key)
    SELECT count(*), NULL FROM counted FULL JOIN kept USING (key)
     WHERE coalesce(counted.total, 0) <> coalesce(kept.total, 0)"""

_OPEN = """
    SELECT coalesce(sum(total), 0) FROM (
        SELECT total FROM tickets_counter WHERE key = 'open'
        UNION ALL SELECT change FROM tickets_counterdelta WHERE key = 'open') AS both_of"""


def tickets_unanswered(now: datetime, *, recent: int | None = RECENT) -> Seen:
    """Tickets opened by mail, form or panel with neither an automatic reply nor the reason why there is none."""
    return _seen(_UNANSWERED, recent=recent, settled=now - SETTLED)


def numbers_unknown(now: datetime, *, recent: int | None = RECENT) -> Seen:
    return _seen(_UNKNOWN, recent=recent)


def levels_overdue(now: datetime) -> Seen:
    return _seen(_LEVELS, now=now)


def summaries_overdue(now: datetime) -> Seen:
    return _seen(_SUMMARIES)


def counters_off(now: datetime) -> Seen:
    """Counts every ticket: for a full recount only."""
    return _seen(_COUNTERS)


def open_tickets() -> int:
    """But the restricted ones: the figure goes to whoever watches the machines. Fold plus open deltas, no count."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        return int(cursor.fetchone()[0])


def _seen(statement: str, **values: datetime | int | None) -> Seen:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return Seen(*cursor.fetchone())
