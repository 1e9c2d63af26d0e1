"""What a sending server hears, over a real socket, and what then is in the database."""

import asyncio
import smtplib
import socket
import time
from datetime import timedelta

import pytest
from django.db import connection

from channels_app import disk, intake, refusals, smtpd
from channels_app.intake import content_of
from channels_app.models import Channel, DoorState, RawMessage, TurnedAway
from tests.channels_app.conftest import Loop
from tests.channels_app.letters import NOON, letter
from tests.past import gone_by


def hand_in(port: int, raw: bytes, *recipients: str) -> tuple[int, bytes]:
    """The answer to the mail, sent without any repair of its bytes."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.ehlo("sender.example")
        smtp.mail("sam@bare.example")
        for recipient in recipients or ("support@example.com",):
            assert smtp.rcpt(recipient)[0] == 250
        assert smtp.docmd("DATA")[0] == 354
        smtp.send(raw + b".\r\n")
        return smtp.getreply()


def test_a_mail_is_stored_with_its_envelope_before_the_yes(open_door) -> None:
    code, _ = hand_in(open_door(), letter(), "support+tok@example.com")
    row = RawMessage.objects.get()
    assert code == 250
    assert bytes(row.content) == letter()
    assert (row.envelope_from, row.envelope_to) == ("sam@bare.example", ["support+tok@example.com"])
    assert (row.helo, row.client_ip, row.door, row.state) == ("sender.example", "127.0.0.1", "smtp", "received")


def test_the_null_return_path_is_kept_as_no_address(open_door) -> None:
    with smtplib.SMTP("127.0.0.1", open_door()) as smtp:
        smtp.sendmail("", ["support@example.com"], letter())
    assert RawMessage.objects.get().envelope_from == ""


BODIES = {
    "a line that begins with dots": (b"A: b\r\n\r\n...two\r\n", b"A: b\r\n\r\n..two\r\n"),
    "a first line that begins with a dot": (b"..A: b\r\n\r\nx\r\n", b".A: b\r\n\r\nx\r\n"),
    "a dot between bare line feeds": (
        b"A: b\r\n\r\nx\n.\nMAIL FROM:<a@b>\r\n",
        b"A: b\r\n\r\nx\n.\nMAIL FROM:<a@b>\r\n",
    ),
    "a bare line feed before the dot": (b"A: b\r\n\r\nx\n.\r\ny\r\n", b"A: b\r\n\r\nx\n.\r\ny\r\n"),
    "a line of two megabytes": (
        b"A: b\r\n\r\n" + b"x" * 2_000_000 + b"\r\n",
        b"A: b\r\n\r\n" + b"x" * 2_000_000 + b"\r\n",
    ),
    "nothing at all": (b"", b""),
}


@pytest.mark.parametrize(("sent", "meant"), BODIES.values(), ids=BODIES)
def test_bytes_arrive_as_meant(open_door, sent: bytes, meant: bytes) -> None:
    code, _ = hand_in(open_door(), sent)
    assert code == 250
    assert content_of(RawMessage.objects.get()) == meant


def test_an_unknown_recipient_is_refused_for_good(open_door) -> None:
    with smtplib.SMTP("127.0.0.1", open_door()) as smtp:
        smtp.ehlo()
        smtp.mail("sam@bare.example")
        code, words = smtp.rcpt("nobody@example.com")
    assert code == 550
    assert b"no mailbox of that name" in words


def test_an_oversized_mail_is_refused_and_says_the_limit(open_door) -> None:
    port = open_door(size_limit=1024 * 1024)
    code, words = hand_in(port, letter("x" * 3_000_000))
    assert code == 552
    assert b"1 MB" in words
    assert hand_in(port, letter())[0] == 250
    assert RawMessage.objects.count() == 1


def test_a_database_that_refuses_makes_the_sender_keep_the_mail(open_door) -> None:
    port = open_door()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE channels_app_rawmessage ADD CONSTRAINT refuse_all CHECK (size_bytes < 0)")
    try:
        code, _ = hand_in(port, letter())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE channels_app_rawmessage DROP CONSTRAINT refuse_all")
    assert code == 451
    assert not RawMessage.objects.exists()
    assert hand_in(port, letter())[0] == 250


def test_a_connection_cut_within_the_mail_leaves_nothing(open_door) -> None:
    port = open_door()
    with socket.create_connection(("127.0.0.1", port)) as raw:
        lines = raw.makefile("rwb")
        lines.write(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n")
        lines.flush()
        while not lines.readline().startswith(b"354"):
            pass
        lines.write(letter()[:-5])
        lines.flush()
    assert hand_in(port, letter("the next one"))[0] == 250
    assert [row.size_bytes for row in RawMessage.objects.all()] == [len(letter("the next one"))]


def test_a_full_disk_asks_the_sender_to_wait(open_door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_seen", (float("-inf"), True))
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)  # no disk has that
    with smtplib.SMTP("127.0.0.1", open_door()) as smtp:
        smtp.ehlo()
        code, _ = smtp.mail("sam@bare.example")
    monkeypatch.setattr(disk, "_seen", (float("-inf"), True))
    assert code == 452


def test_several_mails_may_come_over_one_connection(open_door) -> None:
    with smtplib.SMTP("127.0.0.1", open_door()) as smtp:
        for number in range(5):
            smtp.sendmail("sam@bare.example", ["support@example.com"], letter(message_id=f"{number}@bare.example"))
    assert RawMessage.objects.count() == 5


def test_lmtp_answers_once_for_each_recipient(open_door) -> None:
    with smtplib.LMTP("127.0.0.1", open_door(is_lmtp=True)) as lmtp:
        lmtp.ehlo()
        lmtp.mail("sam@bare.example")
        for recipient in ("support@example.com", "support+x@example.com"):
            lmtp.rcpt(recipient)
        answers = [lmtp.data(letter()), lmtp.getreply()]
    assert [code for code, _ in answers] == [250, 250]
    assert RawMessage.objects.get().envelope_to == ["support@example.com", "support+x@example.com"]


def test_one_session_too_many_is_asked_to_come_again_and_the_others_go_on(open_door) -> None:
    port = open_door(most_sessions=2)
    with smtplib.SMTP("127.0.0.1", port) as first, smtplib.SMTP("127.0.0.1", port):
        with socket.create_connection(("127.0.0.1", port)) as third:
            assert third.recv(100).startswith(b"421 4.7.0")
            assert third.recv(100) == b""
        first.sendmail("sam@bare.example", ["support@example.com"], letter())
    assert hand_in(port, letter(message_id="two@bare.example"))[0] == 250


def test_when_too_much_waits_to_be_read_the_sender_keeps_his_mail(open_door) -> None:
    port = open_door(most_waiting=1)
    for number in range(2):
        RawMessage.objects.create(received_at=NOON, size_bytes=0, digest="", dedupe_key=str(number))
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        assert smtp.mail("sam@bare.example")[0] == 452


def test_the_listener_tells_that_it_listens(loop: Loop, support: Channel) -> None:
    listener = smtpd.Listener(most_waiting=0)
    loop.run(listener.open("127.0.0.1", 0))
    intake.accept(letter(), channel=support, door="smtp", now=NOON)
    telling = asyncio.run_coroutine_threadsafe(listener.tell_health(), loop.loop)
    try:
        end = time.monotonic() + 30
        while not DoorState.objects.filter(door="smtp", channel=None, trouble="too_much_waits").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        telling.cancel()
        loop.run(listener.close())


def asked(port: int, *recipients: str, sender: str = "Sam@Bare.example", **more) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.ehlo("sender.example")
        smtp.mail(sender, **more)
        for recipient in recipients:
            smtp.rcpt(recipient)


def noted() -> list[tuple[str, str, str, int]]:
    return [(row.reason, row.sender, row.recipient, row.times) for row in refusals.turned_away()]


def test_who_was_refused_is_noted_and_the_same_again_is_counted(open_door) -> None:
    port = open_door()
    asked(port, "nobody@example.com", "support@example.com")
    asked(port, "nobody@example.com")
    asked(port, "nobody@example.com", sender="")
    assert noted() == [
        ("no_mailbox", "", "nobody@example.com", 1),
        ("no_mailbox", "sam@bare.example", "nobody@example.com", 2),
    ]
    assert TurnedAway.objects.filter(client_ip="127.0.0.1").count() == 2


def test_a_mail_too_large_is_noted_whether_its_server_said_so_or_not(open_door) -> None:
    port = open_door(size_limit=1024 * 1024)
    asked(port, options=["SIZE=2000000"])
    assert noted() == [("too_large", "sam@bare.example", "", 1)]
    hand_in(port, letter("x" * 3_000_000))
    assert noted()[0] == ("too_large", "sam@bare.example", "support@example.com", 1)


def test_a_temporary_refusal_is_noted_with_its_reason(open_door) -> None:
    port = open_door(most_waiting=0)
    hand_in(port, letter())
    with smtplib.SMTP("127.0.0.1", open_door(most_waiting=0)) as smtp:
        smtp.ehlo("sender.example")
        assert smtp.mail("sam@bare.example")[0] == 452
    assert noted() == [("too_much_waits", "sam@bare.example", "", 1)]


def test_whoever_guesses_addresses_does_not_fill_the_table(open_door) -> None:
    port = open_door(most_noted=3)
    asked(port, *(f"guess{number}@example.com" for number in range(9)))
    assert TurnedAway.objects.count() == 3


def test_refusals_are_forgotten_after_two_weeks(db) -> None:
    for days in (0, 13, 15):
        refusals.note("no_mailbox", sender=f"{days}@x.example", recipient="", client_ip="", now=NOON - timedelta(days))
    gone_by(NOON)
    assert [row[1] for row in noted()] == ["0@x.example", "13@x.example"]
