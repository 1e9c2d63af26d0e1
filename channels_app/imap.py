"""Mailboxes read by IMAP: store, commit, only then move. `\\Seen` says nothing here: people open mailboxes too.

The first reading of a mailbox takes everything in its folder.
"""

import logging
import signal
import threading

from django.db import DatabaseError, close_old_connections, connection, transaction
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from channels_app import disk, intake
from channels_app.door_health import EVERY, Teller
from channels_app.imap_client import NoRoom, NoSuchFolder, connect, open_folder, trouble_of
from channels_app.imap_settings import ImapSettings
from channels_app.models import Channel, Door, ImapCursor
from core.clock import now
from core.sealed import Unreadable

log = logging.getLogger(__name__)

REREAD_CHANNELS_SECONDS = 5.0  # how soon a change on the set-up page is followed
POLL_SECONDS = 60  # where the server cannot push
IDLE_SECONDS = 300  # shorter than what routers and firewalls forget
GLANCE_SECONDS = 5  # how soon a stop is noticed
SOCKET_SECONDS = 60.0
BACKOFF_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0)


class Watcher(threading.Thread):
    """One mailbox, for as long as its channel is configured so."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(name=f"imap-{channel.slug}", daemon=True)
        self.channel = channel
        self.teller = Teller(Door.IMAP, channel.pk)
        self.stopping = threading.Event()

    def run(self) -> None:
        failures = 0
        while not self.stopping.is_set():
            try:
                mailbox = ImapSettings.of(self.channel.config)
                with connect(mailbox, timeout=SOCKET_SECONDS) as client:
                    while not self.stopping.is_set():
                        read_new(client, self.channel, mailbox)
                        failures = 0
                        self.teller.good(now=now())
                        self._wait_for_news(client)
            except (OSError, IMAPClientError, DatabaseError, NoRoom, NoSuchFolder, Unreadable) as trouble:
                self._note(trouble)
            except Exception as trouble:
                log.exception("imap channel=%s broke", self.channel.slug)
                self._note(trouble)
            close_old_connections()
            self._wait(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
            failures += 1
        connection.close()

    def _note(self, trouble: Exception) -> None:
        """A mailbox that is not this one's any more is somebody else's to tell of."""
        code = trouble_of(trouble)
        log.warning("imap channel=%s trouble=%s", self.channel.slug, code)
        if not self.stopping.is_set():
            self.teller.troubled(code, now=now())

    def _wait(self, seconds: float) -> None:
        """Alive all the while, and says so."""
        minute = EVERY.total_seconds()
        while seconds > 0 and not self.stopping.wait(min(seconds, minute)):
            self.teller.alive(now=now())
            seconds -= minute

    def _wait_for_news(self, client: IMAPClient) -> None:
        if not client.has_capability("IDLE"):
            self._wait(POLL_SECONDS)
            return
        client.idle()
        try:
            for _ in range(IDLE_SECONDS // GLANCE_SECONDS):
                if self.stopping.is_set() or client.idle_check(timeout=GLANCE_SECONDS):
                    break
                self.teller.alive(now=now())
        finally:
            client.idle_done()


def read_new(client: IMAPClient, channel: Channel, mailbox: ImapSettings) -> int:
    """Stores what came since the last time and moves what is stored. Returns how many mails were new to us."""
    folder = mailbox.folder
    validity = int(open_folder(client, folder)[b"UIDVALIDITY"])
    cursor, _ = ImapCursor.objects.get_or_create(
        channel=channel, folder=folder, defaults={"uidvalidity": validity, "last_uid": 0}
    )
    if cursor.uidvalidity != validity:  # the server numbers anew; mail we already have is recognised by its content
        cursor.uidvalidity, cursor.last_uid = validity, 0
    new, stored = 0, []
    for uid in sorted(client.search("ALL")):
        if uid > cursor.last_uid:
            if not disk.has_room():
                raise NoRoom
            raw = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
            if raw is None:  # somebody took it out in between
                continue
            new += store(bytes(raw), channel, cursor, uid)
        stored.append(uid)  # also what an earlier process committed and did not live to move
    if stored:
        put_away(client, stored, mailbox.processed)
    return new


def store(raw: bytes, channel: Channel, cursor: ImapCursor, uid: int) -> bool:
    """Mail and cursor in one transaction: never one without the other."""
    with transaction.atomic():
        accepted = intake.accept(raw, channel=channel, door=Door.IMAP, envelope_to=[channel.address], now=now())
        cursor.last_uid = uid
        cursor.save(update_fields=["uidvalidity", "last_uid"])
    return accepted.is_new


def put_away(client: IMAPClient, uids: list[int], folder: str) -> None:
    """To the folder of what is done; "" leaves everything in its place."""
    if not folder:
        return
    if not client.folder_exists(folder):
        client.create_folder(folder)
    if client.has_capability("MOVE"):
        client.move(uids, folder)
    else:
        client.copy(uids, folder)
        client.delete_messages(uids)
        client.expunge(uids if client.has_capability("UIDPLUS") else None)


def configured() -> dict[tuple[int, str], Channel]:
    channels = Channel.objects.filter(is_active=True, driver="email", door=Door.IMAP)
    return {(channel.pk, repr((channel.address, channel.config["imap"]))): channel for channel in channels}


def keep_watching(watchers: dict[tuple[int, str], Watcher]) -> None:
    """Starts and stops watchers until they are as the channels say."""
    wanted = configured()
    for key in watchers.keys() - wanted.keys():
        watchers.pop(key).stopping.set()
    for key in wanted.keys() - watchers.keys():
        watchers[key] = Watcher(wanted[key])
        watchers[key].start()


def main() -> None:
    """Until SIGTERM; without a configured mailbox it only looks for one."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watchers: dict[tuple[int, str], Watcher] = {}
    while not stop.is_set():
        try:
            keep_watching(watchers)
        except DatabaseError as trouble:
            log.warning("imap channels are not readable now: %s", type(trouble).__name__)
        close_old_connections()
        stop.wait(REREAD_CHANNELS_SECONDS)
    for watcher in watchers.values():
        watcher.stopping.set()
    for watcher in watchers.values():
        watcher.join(timeout=GLANCE_SECONDS + 2)
