"""Whatever is done to the journal behind its back is found, with its place."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from events import outbox
from events.erasure import erase
from events.models import DayDigest, Event, EventPayload
from events.verification import Finding, close_days, verify
from staff.models import StaffLetter
from staff.services import journal_digest
from tests.cast import desk, person
from tickets.event_types import LanguageChanged

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEXT = NOON + timedelta(days=1)


def written(ticket: int = 1, count: int = 3, at: datetime = NOON) -> str:
    for place in range(count):
        with transaction.atomic():
            changed = LanguageChanged(ticket_id=ticket, before="ru", after=f"e{place}")
            outbox.record(changed, by="system", now=at)
    return f"ticket:{ticket}"


def behind_its_back(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE events_event ENABLE TRIGGER USER")


GONE = "DELETE FROM events_eventpayload WHERE event_id IN ({0}); DELETE FROM events_event WHERE id IN ({0})"
ONE = "SELECT id FROM events_event WHERE stream = 'ticket:1' AND sequence = {}"


@pytest.mark.parametrize(
    ("harm", "place", "what"),
    [
        ("UPDATE events_event SET actor = 'staff:9' WHERE stream = 'ticket:1' AND sequence = 2", "2", "altered"),
        ("UPDATE events_event SET at = at + interval '1s' WHERE stream = 'ticket:1' AND sequence = 1", "1", "altered"),
        (GONE.format(ONE.format(2)), "2", "missing"),
        (GONE.format(ONE.format(3)), "2", "head"),
        (f"DELETE FROM events_eventpayload WHERE event_id IN ({ONE.format(2)})", "2", "payload_missing"),
        (
            f"UPDATE events_eventpayload SET data = data || '{{\"after\": \"x\"}}' WHERE event_id IN ({ONE.format(2)})",
            "2", "payload_altered",
        ),
        (
            "UPDATE events_event SET sequence = 9 - sequence WHERE stream = 'ticket:1' AND sequence IN (1, 2);"
            "UPDATE events_event SET sequence = sequence - 6 WHERE stream = 'ticket:1' AND sequence > 6",
            "1", "altered",
        ),
        (GONE.format("SELECT id FROM events_event WHERE stream = 'ticket:1'"), "1", "missing"),
    ],
    ids=["another hand", "another time", "one missing", "last missing", "untold", "told otherwise", "swapped", "all"],
)  # fmt: skip
def test_harm_is_found_at_its_place(harm: str, place: str, what: str) -> None:
    stream = written()
    written(2)
    assert list(verify()) == []
    behind_its_back(harm)
    found = list(verify())
    assert found[0] == Finding(stream, place, what)
    assert all(finding.stream == stream for finding in found)


def test_what_was_erased_by_an_act_is_no_harm_and_the_links_stay() -> None:
    stream = written()
    with transaction.atomic():
        assert erase(stream, types=["LanguageChanged"], reason="asked", by="staff:1", now=NOON) == 3
    assert not EventPayload.objects.filter(event__stream=stream, event__type="LanguageChanged").exists()
    assert Event.objects.filter(stream=stream).count() == 4
    assert list(verify()) == []


def test_a_stream_taken_out_whole_with_its_head_is_missed_by_its_day() -> None:
    written(1)
    written(2)
    assert [row.events for row in close_days(NEXT)] == [6]
    behind_its_back(
        GONE.format("SELECT id FROM events_event WHERE stream = 'ticket:1'")
        + "; DELETE FROM events_stream WHERE key = 'ticket:1'"
    )
    assert list(verify()) == [Finding("", "2026-11-23", "day")]


def test_a_day_is_closed_once_it_is_over_and_only_then() -> None:
    written()
    assert close_days(NOON + timedelta(hours=12, minutes=30)) == []
    assert [row.day for row in close_days(NEXT)] == [DAY]
    assert close_days(NEXT) == []
    assert [row.events for row in close_days(NEXT + timedelta(days=2))] == [0, 0]
    assert list(verify()) == []


def test_a_forger_of_everything_is_caught_by_what_left_the_desk(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "digests.jsonl"
    settings.JOURNAL_DIGEST = str(kept)  # type: ignore[attr-defined]
    written()
    journal_digest.tell(NEXT)
    journal_digest.tell(NEXT)
    assert len(kept.read_text().splitlines()) == 1
    call_command("verify_journal", digests=str(kept))
    line = json.loads(kept.read_text())
    kept.write_text(json.dumps(line | {"digest": "00" * 32}))
    with pytest.raises(CommandError, match="1 places"):
        call_command("verify_journal", digests=str(kept))


def test_the_administrators_read_it_by_mail(settings: object) -> None:
    settings.JOURNAL_DIGEST = "mail"  # type: ignore[attr-defined]
    desk()
    admin = person("root", "admin")
    person("agent", "agent", "first-line")
    written()
    journal_digest.tell(NEXT)
    letter = StaffLetter.objects.get()
    assert letter.staff == admin
    assert bytes(DayDigest.objects.get(day=DAY).digest).hex() in letter.text


def test_a_file_that_is_no_list_of_digests_is_refused_with_its_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    for text in ("{", "[1]", '{"day": "x", "digest": ""}'):
        wrong.write_text(text)
        with pytest.raises(CommandError, match="wrong"):
            call_command("verify_journal", digests=str(wrong))


def test_a_database_without_a_journal_is_told_in_words_with_a_code_of_its_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_daydigest RENAME TO elsewhere")
    with pytest.raises(CommandError, match="not prepared") as refused:
        call_command("verify_journal")
    assert refused.value.returncode == 2
