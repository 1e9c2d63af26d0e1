"""A mailbox of a real Dovecot: every mail in it is stored once, and moved only when it is stored."""

import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connections

from channels_app import imap, mailboxes
from channels_app.imap_settings import ImapSettings
from channels_app.mailboxes import TypedMailbox
from channels_app.models import Channel, Door, DoorState, ImapCursor, RawMessage
from channels_app.policies.servers import Security, TypedServer
from channels_app.probes.mailbox import MailboxSeen, look_at_mailbox
from core.sealed import Secret
from tests import cast
from tests.channels_app import dovecot
from tests.channels_app.letters import LATER, letter

pytestmark = pytest.mark.peer("dovecot")


@pytest.fixture
def server() -> Iterator[dovecot.Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dc-") as folder, dovecot.running(Path(folder)) as server:  # short: sockets
        yield server


@pytest.fixture
def channel(support: Channel, server: dovecot.Dovecot) -> Channel:
    support.config, support.door = server.settings.as_config(), Door.IMAP
    support.save()
    return support


def folders(server: dovecot.Dovecot) -> dict[str, int]:
    with imap.connect(server.settings, timeout=20) as client:
        return {
            name: client.select_folder(name, readonly=True)[b"EXISTS"]
            for name in ("INBOX", "Processed")
            if client.folder_exists(name)
        }


def read(server: dovecot.Dovecot, channel: Channel) -> int:
    with imap.connect(server.settings, timeout=20) as client:
        return imap.read_new(client, channel, ImapSettings.of(channel.config))


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
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
    with imap.connect(server.settings, timeout=20) as client:
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


@pytest.fixture
def watching(channel: Channel) -> Iterator[None]:
    """The process of the doors that are read, as it follows what is set up."""
    watchers: dict[tuple[int, str], imap.Watcher] = {}
    stop = threading.Event()

    def follow() -> None:
        while not stop.wait(0.1):
            imap.keep_watching(watchers)
        connections.close_all()

    follower = threading.Thread(target=follow)
    follower.start()
    yield
    stop.set()
    follower.join(20)
    for watcher in watchers.values():
        watcher.stopping.set()
    for watcher in watchers.values():
        watcher.join(20)


def is_watched(channel: Channel) -> bool:
    return any(thread.name == f"imap-{channel.slug}" for thread in threading.enumerate())


def state(channel: Channel) -> tuple[str, bool]:
    found = DoorState.objects.filter(channel=channel).first()
    return (found.trouble, found.troubled_since is not None) if found else ("nothing told", False)


def test_a_password_changed_in_the_server_is_told_and_the_waiting_mail_comes_once_it_is_corrected(
    server: dovecot.Dovecot, channel: Channel, watching: None
) -> None:
    until(lambda: state(channel) == ("", False))
    mailboxes.set_active(channel.slug, False, by=cast.ADMIN, now=LATER)
    until(lambda: not is_watched(channel))
    server.change_password("changed")
    server.deliver(letter())
    mailboxes.set_active(channel.slug, True, by=cast.ADMIN, now=LATER)
    until(lambda: state(channel) == ("login_refused", True))
    assert RawMessage.objects.count() == 0
    typed = TypedMailbox(
        address=channel.address,
        name=channel.name,
        queue=channel.queue_slug,
        door="imap",
        server=TypedServer("127.0.0.1", str(server.imap_port), "none", dovecot.USER, "changed"),
        processed="Processed",
    )
    saved = mailboxes.change(channel.slug, typed, queues={"support"}, by=cast.ADMIN, now=LATER)
    assert not saved.problems
    until(lambda: RawMessage.objects.count() == 1)
    until(lambda: state(channel) == ("", False))


def test_a_paused_mailbox_is_left_alone(server: dovecot.Dovecot, channel: Channel, watching: None) -> None:
    until(lambda: state(channel) == ("", False))
    mailboxes.set_active(channel.slug, False, by=cast.ADMIN, now=LATER)
    until(lambda: not is_watched(channel))
    server.deliver(letter())
    assert folders(server)["INBOX"] == 1


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        pytest.param({}, "", id="all is well"),
        pytest.param({"password": Secret("wrong")}, "login_refused", id="a wrong password"),
        pytest.param({"folder": "Nowhere"}, "no_such_folder", id="a folder that is not there"),
        pytest.param({"host": "nowhere.invalid"}, "no_such_host", id="a host that does not exist"),
        pytest.param({"security": Security.TLS}, "no_tls", id="TLS where the server speaks in the clear"),
        pytest.param({"security": Security.STARTTLS}, "tls_untrusted", id="a certificate of nobody known"),
    ],
)
def test_a_look_at_a_mailbox_says_what_is_wrong(server: dovecot.Dovecot, change, trouble) -> None:
    assert look_at_mailbox(replace(server.settings, **change), seconds=30).trouble == trouble


def test_a_look_counts_mails_and_leaves_them_as_they_are(server: dovecot.Dovecot) -> None:
    server.deliver(letter())
    assert look_at_mailbox(server.settings, seconds=30) == MailboxSeen(mails=1)
    assert folders(server) == {"INBOX": 1}


def test_a_look_by_tls_needs_a_certificate_for_the_very_name(server: dovecot.Dovecot, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.CERTIFICATE))
    safe = replace(server.settings, port=server.imaps_port, security=Security.TLS)
    assert look_at_mailbox(safe, seconds=30) == MailboxSeen(mails=0)
    assert look_at_mailbox(replace(server.settings, security=Security.STARTTLS), seconds=30).trouble == ""
    with forwarded("127.0.0.2", server.imaps_port) as port:
        other = replace(safe, host="127.0.0.2", port=port)
        assert look_at_mailbox(other, seconds=30).trouble == "tls_name"


def test_a_port_where_nobody_listens_and_a_server_that_says_nothing(server: dovecot.Dovecot, closed_port: int) -> None:
    assert look_at_mailbox(replace(server.settings, port=closed_port), seconds=30).trouble == "refused"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = replace(server.settings, port=silent.getsockname()[1])
        assert look_at_mailbox(mute, seconds=0.5).trouble == "timeout"


def test_a_server_that_is_no_imap_server_gets_no_word_and_its_own_are_not_passed_on(server: dovecot.Dovecot) -> None:
    heard = b""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            nonlocal heard
            wire, _ = other.accept()
            wire.sendall(b"SSH-2.0-secret-inner-host\r\n")
            with suppress(ConnectionError):
                heard = wire.recv(100)
            wire.close()

        thread = threading.Thread(target=greet)
        thread.start()
        seen = look_at_mailbox(replace(server.settings, port=other.getsockname()[1]), seconds=30)
        thread.join(20)
    assert (seen, heard) == (MailboxSeen(trouble="not_imap"), b"")


@contextmanager
def forwarded(host: str, port: int) -> Iterator[int]:
    """The server at another address, whose name its certificate does not carry."""
    with socket.create_server((host, 0)) as listening:

        def pass_on() -> None:
            with suppress(OSError):
                wire, _ = listening.accept()
                with wire, socket.create_connection(("127.0.0.1", port)) as behind:
                    threading.Thread(target=pump, args=(behind, wire), daemon=True).start()
                    pump(wire, behind)

        def pump(one: socket.socket, other: socket.socket) -> None:
            with suppress(OSError):
                while data := one.recv(65536):
                    other.sendall(data)

        threading.Thread(target=pass_on, daemon=True).start()
        yield int(listening.getsockname()[1])
