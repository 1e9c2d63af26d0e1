"""A stored mail is stored once, whatever way and however often it comes."""

import pytest
from django.db import connection

from channels_app import intake
from channels_app.models import Channel, Door, RawMessage
from core import blobs
from tests.channels_app.letters import NOON, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(slug="m", name="Support", address="support@example.com", queue_slug="support")


def accept(channel: Channel, raw: bytes) -> intake.Accepted:
    return intake.accept(raw, channel=channel, door=Door.SMTP, now=NOON)


SAME = {
    "the very same bytes": (letter(), letter()),
    "other trace fields": (letter(received="from a by b; now"), letter(received="from c by b; later")),
    "other line ends": (letter(), letter().replace(b"\r\n", b"\n")),
}
DIFFERENT = {
    "another text under one Message-ID": (letter("One"), letter("Two")),
    "another Message-ID": (letter(), letter(message_id="two@bare.example")),
    "no Message-ID and other trace fields": (
        letter(message_id="", received="from a by b with id 1"),
        letter(message_id="", received="from a by b with id 2"),
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_one_mail_that_comes_twice_is_stored_once(channel: Channel, first: bytes, second: bytes) -> None:
    one, two = accept(channel, first), accept(channel, second)
    assert (one.is_new, two.is_new) == (True, False)
    assert one.public_id == two.public_id
    assert RawMessage.objects.count() == 1


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_mails_are_both_stored(channel: Channel, first: bytes, second: bytes) -> None:
    assert accept(channel, first).is_new
    assert accept(channel, second).is_new


def test_a_mail_over_a_megabyte_is_kept_as_a_blob(channel: Channel) -> None:
    raw = letter("x" * intake.IN_ROW_BYTES)
    accept(channel, raw)
    row = RawMessage.objects.get()
    assert row.content is None
    assert blobs.read(row.digest) == raw == intake.content_of(row)


def test_words_postgresql_cannot_hold_are_mended(channel: Channel) -> None:
    intake.accept(
        letter(), channel=channel, door=Door.SMTP, envelope_to=["a\x00\udcff@b"], helo="h\udce9\x00", now=NOON
    )
    row = RawMessage.objects.get()
    assert (row.envelope_to, row.helo) == (["a�@b"], "h�")


ADDRESSES = {
    "support@example.com": True,
    "SUPPORT@Example.Com": True,
    "support+3f9c@example.com": True,
    "other@example.com": False,
    "support@other.example": False,
    "support": False,
    "": False,
}


@pytest.mark.parametrize(("address", "is_ours"), ADDRESSES.items())
def test_an_address_finds_its_channel_with_and_without_a_token(channel: Channel, address: str, is_ours: bool) -> None:
    assert (intake.channel_for(address) == channel) == is_ours


def test_a_closed_channel_takes_nothing(channel: Channel) -> None:
    Channel.objects.update(is_active=False)
    with pytest.raises(intake.NoChannel):
        intake.accept(letter(), address="support@example.com", door=Door.PIPE, now=NOON)


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_at_commit_and_only_for_new_mail(channel: Channel) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN helpdesk")
    accept(channel, letter())
    accept(channel, letter())
    connection.connection.poll()
    calls = [notify.payload for notify in connection.connection.notifies]
    connection.connection.notifies.clear()
    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN *")
    assert calls == ["bell mail_in"]
