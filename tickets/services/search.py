"""Keeps the index of words. A chore of the relay, so that nobody who writes or files a message waits for it.

Our own automatic letters are left out: they repeat the subject and are not what anybody looks for.
A text is found within seconds of its arrival; after a flood, or an upgrade that brings the index, a little later.
"""

import time
from datetime import datetime

from django.db import connection

BATCH = 500
BITE_SECONDS = 0.4  # a chore of the relay stays short; what is left waits for the next round

# ё is е to whoever types, and no text is searched beyond its first 50,000 characters: no letter that long was written.
_VECTOR = "strip(to_tsvector('russian', translate({}, 'ёЁ', 'еЕ')))"
_OF_MESSAGE = _VECTOR.format("concat_ws(' ', m.subject, m.sender_name, m.sender_email, left(m.text, 50000))")
_OF_NOTE = _VECTOR.format("concat_ws(' ', t.subject, left(n.text, 50000))")
# The empty word counts the texts. Otherwise stems without digits only: a number or an address is rare by its nature
# and never mistyped into another.
_INDEX = f"""
    WITH taken AS (
        DELETE FROM tickets_toindex WHERE id IN (
            SELECT id FROM tickets_toindex ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
        ) RETURNING message_id, note_id
    ), entries AS (
        INSERT INTO tickets_searchentry (message_id, at, words)
        SELECT m.id, m.created_at, {_OF_MESSAGE} FROM taken JOIN tickets_message m ON m.id = taken.message_id
        WHERE m.author <> 'system'
        ON CONFLICT (message_id) DO NOTHING RETURNING words
    ), note_entries AS (
        INSERT INTO tickets_searchentry (note_id, at, words)
        SELECT n.id, n.created_at, {_OF_NOTE} FROM taken JOIN tickets_note n ON n.id = taken.note_id
        JOIN tickets_ticket t ON t.id = n.ticket_id
        ON CONFLICT (note_id) DO NOTHING RETURNING words
    ), counted AS (
        INSERT INTO tickets_searchword (word, texts)
        SELECT word, count(*) FROM (SELECT words FROM entries UNION ALL SELECT words FROM note_entries) AS new,
            unnest('{{""}}' || tsvector_to_array(words)) AS word
        WHERE word = '' OR word !~ '[0-9@/]' AND length(word) BETWEEN 2 AND 40
        GROUP BY word ORDER BY word
        ON CONFLICT (word) DO UPDATE SET texts = tickets_searchword.texts + EXCLUDED.texts
    )
    SELECT count(*) FROM taken"""  # noqa: S608  our own words only


def index_texts(now: datetime) -> None:
    """Put what came since into the index."""
    end = time.monotonic() + BITE_SECONDS
    while _index_batch() == BATCH and time.monotonic() < end:
        pass


def index_all() -> None:
    """Everything that waits, however long it takes."""
    while _index_batch():
        pass


def _index_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, {"batch": BATCH})
        return int(cursor.fetchone()[0])
