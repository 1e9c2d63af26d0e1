"""A mailbox of a real Dovecot: every mail in it is stored once, and moved only when it is stored."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from channels_app import imap
from channels_app.models import Channel, ImapCursor, RawMessage
from tests.channels_app import dovecot
from tests.channels_app.letters import letter

pytestmark = pytest.mark.peer("dovecot")


@pytest.fixture
def server() -> Iterator[dovecot.Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dc-") as folder, dovecot.running(Path(folder)) as server:  # short: sockets
        yield server


@pytest.fixture
def channel(support: Channel, server: dovecot.Dovecot) -> Channel:
    support.config = {"imap": server.config}
    support.save()
    return support


def folders(server: dovecot.Dovecot) -> dict[str, int]:
    with imap.connect(server.config) as client:
        return {
            name: client.select_folder(name, readonly=True)[b"EXISTS"]
            for name in ("INBOX", "Processed")
            if client.folder_exists(name)
        }


def read(server: dovecot.Dovecot, channel: Channel) -> int:
    with imap.connect(server.config) as client:
        return imap.read_new(client, channel)


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_lies_in_the_mailbox_is_stored_and_put_away(server: dovecot.Dovecot, channel: Channel) -> None:
    for number in range(3):
        server.deliver(letter(message_id=f"{number}@bare.example"))
    assert read(server, channel) == 3
    assert folders(server) == {"INBOX": 0, "Processed": 3}
    assert read(server, channel) == 0
    row = RawMessage.objects.first()
    assert row is not None
    assert bytes(row.content).endswith(letter(message_id="0@bare.example"))
    assert (row.door, row.envelope_from) == ("imap", None)


def test_a_mail_that_somebody_has_read_is_taken_all_the_same(server: dovecot.Dovecot, channel: Channel) -> None:
    server.deliver(letter())
    with imap.connect(server.config) as client:
        client.select_folder("INBOX")
        client.fetch([1], ["BODY[]"])
    assert read(server, channel) == 1


def test_death_between_commit_and_move_neither_loses_nor_doubles(server: dovecot.Dovecot, channel: Channel) -> None:
    server.deliver(letter())
    connections.close_all()
    child = os.fork()
    if not child:
        imap.put_away = lambda *_: os._exit(9)  # type: ignore[assignment]
        try:
            read(server, channel)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (RawMessage.objects.count(), folders(server)) == (1, {"INBOX": 1})
    server.deliver(letter("the next one"))
    assert read(server, channel) == 1
    assert (RawMessage.objects.count(), folders(server)) == (2, {"INBOX": 0, "Processed": 2})


def test_a_mailbox_that_is_numbered_anew_is_read_again_without_doubles(
    server: dovecot.Dovecot, channel: Channel
) -> None:
    channel.config["imap"]["processed"] = ""
    server.deliver(letter())
    assert read(server, channel) == 1
    ImapCursor.objects.update(uidvalidity=1, last_uid=1000)
    assert read(server, channel) == 0
    assert ImapCursor.objects.get().last_uid == 1
    server.deliver(letter("the next one"))
    assert read(server, channel) == 1


def test_new_mail_is_pushed_while_the_watcher_waits(server: dovecot.Dovecot, channel: Channel) -> None:
    watcher = imap.Watcher(channel)
    watcher.start()
    try:
        until(lambda: ImapCursor.objects.exists())
        server.deliver(letter())
        until(lambda: folders(server).get("Processed") == 1)
    finally:
        watcher.stopping.set()
        watcher.join(20)
    assert not watcher.is_alive()
    assert RawMessage.objects.count() == 1
