"""What is written by the remembered words reads as what the ORM would have written."""

import pytest
from django.db.models.functions import Now

from core import inserting
from core.clock import now
from events.models import Event, EventPayload

pytestmark = pytest.mark.django_db


def events(*sequences: int) -> list[Event]:
    return [
        Event(
            stream="ticket:1",
            sequence=sequence,
            type="Told",
            actor="system",
            at=now(),
            payload_digest=bytes([sequence]) * 32,
            digest=b"\x00\xff" * 16,
        )
        for sequence in sequences
    ]


def written(rows: list[Event]) -> None:
    inserting.take_ids(rows)
    payloads = [EventPayload(event=row, data={"text": 'Ёж\'s "%s"', "list": [row.sequence, None]}) for row in rows]
    inserting.write([*rows, *payloads])
    for row, payload in zip(rows, payloads, strict=True):
        kept = Event.objects.get(pk=row.pk)
        for field in Event._meta.concrete_fields:
            told, found = getattr(row, field.attname), getattr(kept, field.attname)
            assert (bytes(found) if isinstance(found, memoryview) else found) == told
        assert EventPayload.objects.get(event=kept).data == payload.data


def test_one_row_the_first_and_the_next_time():
    for sequence in (1, 2, 3):
        written(events(sequence))


def test_several_rows_the_first_and_the_next_time():
    for begin in (1, 11, 21):
        written(events(begin, begin + 1, begin + 2))


def test_a_value_of_sql_is_written_by_sql():
    row = events(1)[0]
    written([row])
    other = events(2)[0]
    other.at = Now()
    inserting.take_ids([other])
    inserting.write([other])
    assert Event.objects.get(pk=other.pk).at is not None
    written(events(3))
