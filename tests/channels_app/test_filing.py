"""From a stored mail to a ticket, and every way in which that can fail."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from channels_app import filing, intake, queries
from channels_app.mail_keys import stored_private_key
from channels_app.models import Channel, Door, RawMessage, RawState
from core.clock import now as read_clock
from ops.demo.dns import Zones, serving
from ops.demo.zones import demo_keys, records
from staff.models import Team
from tests.channels_app.letters import NOON, letter
from tests.mail_auth.crafting import HERE, mail, seal
from tickets.models import Message
from tickets.services import setup

pytestmark = pytest.mark.django_db

DEEP = b"From: a@bare.example\r\nSubject: Deep\r\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(100)
)


@pytest.fixture
def channel() -> Channel:
    Team.objects.get_or_create(slug="first-line", defaults={"name_ru": "Первая линия", "name_en": "First line"})
    setup.ensure_queue("support", name_ru="Поддержка", name_en="Support", team_slug="first-line")
    return Channel.objects.create(slug="m", name="Support", address="support@example.com", queue_slug="support")


def accept(channel: Channel, raw: bytes) -> RawMessage:
    accepted = intake.accept(raw, channel=channel, door=Door.PIPE, envelope_from="sam@bare.example", now=NOON)
    return RawMessage.objects.get(public_id=accepted.public_id)


def process(at=NOON) -> int:
    return filing.process_batch(lambda: at)


def test_a_mail_becomes_a_ticket_and_says_which(channel: Channel) -> None:
    raw = accept(channel, letter())
    assert process() == 1
    raw.refresh_from_db()
    assert (raw.state, raw.sender, raw.subject) == (RawState.FILED, "sam@bare.example", "Help")
    assert raw.ticket_number.isdigit()
    assert (raw.lease, raw.attempts, raw.finished_at) == (None, 1, NOON)
    assert process() == 0


def test_a_mail_that_cannot_be_parsed_waits_for_a_person_with_its_headers(channel: Channel) -> None:
    accept(channel, DEEP)
    process()
    (row,) = queries.quarantine()
    assert (row.reason, row.subject, row.sender) == ("too_deep", "Deep", "a@bare.example")
    assert queries.quarantine_count() == 1


def test_a_mail_that_kills_its_reader_three_times_waits_for_a_person(channel: Channel) -> None:
    raw = accept(channel, letter())
    at = NOON
    for _ in range(3):
        assert queries.has_incoming(at)
        assert filing.claim(now=at) == [raw]  # and the process dies here
        assert not queries.has_incoming(at)
        at += filing.LEASE + timedelta(seconds=1)
    assert filing.claim(now=at) == []
    raw.refresh_from_db()
    assert (raw.state, raw.reason, raw.attempts) == (RawState.QUARANTINED, "crashes_the_parser", 3)


def test_mails_that_died_together_are_tried_one_by_one(channel: Channel) -> None:
    raws = [accept(channel, letter(message_id=f"{n}@bare.example")) for n in range(3)]
    assert filing.claim(now=NOON) == raws  # and the process dies here
    after = NOON + filing.LEASE + timedelta(seconds=1)
    assert filing.claim(now=after) == raws[:1]  # the guilty one, which kills again
    assert process(after) == 2
    assert set(RawMessage.objects.values_list("state", "attempts")) == {("parsing", 2), ("filed", 2)}


def test_a_mail_nobody_can_file_does_not_hold_up_those_that_came_with_it(channel: Channel) -> None:
    other = Channel.objects.create(slug="n", name="Gone", address="gone@example.com", queue_slug="gone")
    accept(channel, letter(message_id="1@bare.example"))
    accept(other, letter(message_id="2@bare.example"))
    accept(channel, letter(message_id="3@bare.example"))
    process()
    assert list(RawMessage.objects.order_by("id").values_list("state", flat=True)) == ["filed", "received", "filed"]


def test_an_answer_waits_for_the_letter_it_answers_while_another_process_files_it(channel: Channel) -> None:
    first = accept(channel, letter(message_id="q@bare.example"))
    assert filing.claim(now=NOON) == [first]
    answer = accept(channel, letter(message_id="a@bare.example", answers="q@bare.example"))
    assert filing.file([answer_claimed := filing.claim(now=NOON)[0]], clock=lambda: NOON) == 1
    assert answer_claimed == answer
    filing.file([RawMessage.objects.get(pk=first.pk)], clock=lambda: NOON)
    process()
    numbers = RawMessage.objects.values_list("ticket_number", flat=True)
    assert numbers[0] == numbers[1] != ""


def test_an_answer_waits_a_minute_at_most(channel: Channel) -> None:
    accept(channel, letter(message_id="q@bare.example"))
    filing.claim(now=NOON)
    answer = accept(channel, letter(message_id="a@bare.example", answers="q@bare.example"))
    late = NOON + filing.WAIT_FOR_EARLIER
    assert filing.file([filing.claim(now=late)[0]], clock=lambda: late) == 0
    answer.refresh_from_db()
    assert answer.state == RawState.FILED


def test_a_reader_that_comes_back_too_late_changes_nothing(channel: Channel) -> None:
    accept(channel, letter())
    late = filing.claim(now=NOON)
    after = NOON + filing.LEASE + timedelta(seconds=1)
    process(after)
    filing.file(late, clock=lambda: after)
    raw = RawMessage.objects.get()
    assert (raw.state, raw.attempts) == (RawState.FILED, 2)


@pytest.mark.django_db(transaction=True)
def test_trouble_with_the_database_counts_no_try_and_comes_back(channel: Channel) -> None:
    raw = accept(channel, letter())
    other = connection.copy()
    try:
        with other.cursor() as cursor:  # somebody holds the queue's table
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE tickets_queue IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        process()
    finally:
        other.close()
    raw.refresh_from_db()
    assert (raw.state, raw.attempts) == (RawState.RECEIVED, 0)
    assert process(NOON) == 0
    assert process(NOON + filing.AFTER_DATABASE_TROUBLE) == 1


def test_a_bug_of_ours_is_tried_three_times_and_then_shown(channel: Channel) -> None:
    accept(channel, letter())
    Channel.objects.update(queue_slug="gone")
    at = NOON
    for _ in range(3):
        process(at)
        at += filing.AFTER_A_BUG
    (row,) = queries.quarantine()
    assert row.reason == "not_filed"
    assert "Queue" in row.detail


def test_bytes_that_are_gone_are_told_aloud(channel: Channel) -> None:
    raw = accept(channel, letter())
    RawMessage.objects.filter(pk=raw.pk).update(content=None, digest="0" * 64)
    process()
    assert [row.reason for row in queries.quarantine()] == ["bytes_missing"]


def test_a_released_mail_is_filed_as_wanted(channel: Channel) -> None:
    raw = accept(channel, letter())
    RawMessage.objects.update(state=RawState.QUARANTINED, reason="dmarc_fail")
    assert intake.release(raw.public_id, by="staff:1", now=NOON)
    assert not intake.release(raw.public_id, by="staff:2", now=NOON)
    assert process() == 1
    raw.refresh_from_db()
    assert (raw.state, raw.is_released, raw.handled_by) == (RawState.FILED, True, "staff:1")


def test_a_dismissed_mail_keeps_its_bytes_and_leaves_the_list(channel: Channel) -> None:
    raw = accept(channel, letter())
    RawMessage.objects.update(state=RawState.QUARANTINED)
    assert intake.dismiss(raw.public_id, by="staff:1", now=NOON)
    assert queries.quarantine() == []
    assert intake.content_of(RawMessage.objects.get()) == letter()
    assert not intake.dismiss(uuid.uuid4(), by="staff:1", now=NOON)


FORWARDER = "other-client.example"


@pytest.mark.parametrize(
    ("sealers", "filed"),
    [
        pytest.param({FORWARDER}, [("arc_pass", 2)], id="a forwarder of TRUSTED_SEALERS"),
        pytest.param({"elsewhere.example"}, [], id="any other forwarder"),
        pytest.param(set(), [], id="nobody is trusted"),
    ],
)
def test_a_forwarders_seal_counts_where_the_setting_names_him(channel, settings, tmp_path, sealers, filed):
    """The author's domain asks to refuse what it did not sign, and the forwarder changed the mail."""
    keys = demo_keys(tmp_path)
    settings.TRUSTED_SEALERS = frozenset(sealers)
    said = f"{FORWARDER}; dkim=pass header.d={HERE}; dmarc=pass header.from={HERE}"
    raw = seal(mail(), stored_private_key(tmp_path, FORWARDER), domain=FORWARDER, said=said)
    now = read_clock()
    with serving(Zones(records(keys))) as server:
        settings.DNS = server.address
        filing._resolver.cache_clear()
        intake.accept(
            raw, channel=channel, door=Door.SMTP, envelope_from=f"list@{FORWARDER}", client_ip="192.0.2.1", now=now
        )
        process(now)
    filing._resolver.cache_clear()
    assert [(message.reasons[0], message.level) for message in Message.objects.filter(direction="in")] == filed
    assert queries.quarantine_count() == (not filed)
