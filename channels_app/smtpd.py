"""The SMTP door (LMTP where chosen): every "250" means that the mail is committed; every trouble of ours is a "451"."""

import asyncio
import logging
import re
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction

from channels_app import disk, intake, queries, refusals
from channels_app.door_health import EVERY, Teller
from channels_app.mail_auth.relays import parse_trusted_relays
from channels_app.models import Channel, Door
from core.clock import now

log = logging.getLogger(__name__)

SESSION_SECONDS = 300.0
STORING_THREADS = 4
MOST_SESSIONS = 500
MOST_SESSIONS_OF_ONE = 50  # address; loopback and trusted relays have no such limit
MOST_WAITING = 20_000  # mails that are stored and not read yet
WAITING_SECONDS = 5.0  # an answer about them is kept so long
CHANNEL_SECONDS = 5.0
MOST_REMEMBERED = 10_000  # addresses: every reply comes to one of its own
_SAID = re.compile(r"<([^<>]*)>.*\bSIZE=(\d{1,18})", re.I)
NULL_PATH = "<>"  # as aiosmtpd writes it

ACCEPTED = "250 2.0.0 Your mail is stored"
NOT_OURS = "550 5.1.1 There is no mailbox of that name here"
TOO_LARGE = "552 5.3.4 This desk takes mails of at most {megabytes} MB"
NOT_NOW = "451 4.3.0 Your mail could not be stored now, please try again"
REASONS = {
    "no_room": "452 4.3.1 Too little room to store mail now, please try again",
    "too_much_waits": "452 4.3.1 Too much mail waits to be read, please try again",
}
TOO_MANY = b"421 4.7.0 Too many connections, please try again\r\n"

Result = TypeVar("Result")


class Desk:
    """What aiosmtpd asks. Everything that touches the database runs in a few threads of its own."""

    def __init__(
        self,
        *,
        is_lmtp: bool,
        most_sessions: int = MOST_SESSIONS,
        most_waiting: int = MOST_WAITING,
        most_noted: int = refusals.MOST_AN_HOUR,
    ) -> None:
        self.is_lmtp = is_lmtp
        self.most_sessions = most_sessions
        self.most_waiting = most_waiting
        self.most_noted = most_noted  # refusals an hour
        self.threads = ThreadPoolExecutor(STORING_THREADS, thread_name_prefix="smtp")
        self.open_sessions: Counter[str] = Counter()  # by address of the other side
        self.relays = parse_trusted_relays(settings.TRUSTED_RELAYS)
        self.too_much_waits = float("-inf"), False
        self.channels: dict[str, tuple[float, Channel]] = {}
        self.sessions: dict[int, Any] = {}  # of the database, one a thread
        self.noted = 0, 0  # an hour, and how many refusals were noted in it

    def admits(self, address: str) -> bool:
        """Whether one more session from there may begin."""
        if self.open_sessions.total() >= self.most_sessions:
            return False
        is_trusted = intake.is_loopback(address) or self.relays.is_relay(address)
        return is_trusted or self.open_sessions[address] < MOST_SESSIONS_OF_ONE

    async def reason_to_wait(self) -> str:
        """Why no mail is taken now, as a code; "" if it is."""
        if not disk.has_room():
            return "no_room"
        at, too_much = self.too_much_waits
        if time.monotonic() - at >= WAITING_SECONDS:
            too_much = await self.in_thread(lambda: queries.more_than_wait(self.most_waiting))
            self.too_much_waits = time.monotonic(), too_much
        return "too_much_waits" if too_much else ""

    async def channel_of(self, address: str) -> Channel | None:
        """The open channel of an address; one that was open five seconds ago still is."""
        found = self.channels.get(address)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        channel = await self.in_thread(lambda: intake.channel_for(address))
        if len(self.channels) >= MOST_REMEMBERED:
            self.channels.clear()
        if channel is not None:
            self.channels[address] = time.monotonic() + CHANNEL_SECONDS, channel
        return channel

    async def turned_away(self, session: Session, reason: str, *, sender: str | None, recipient: str = "") -> None:
        """Notes a refusal. The answer does not depend on it: a database in trouble, or a flood, notes none."""
        hour = int(time.monotonic() // 3600)
        noted = self.noted[1] if self.noted[0] == hour else 0
        if noted >= self.most_noted:
            return
        self.noted = hour, noted + 1
        peer = str(session.peer[0]) if isinstance(session.peer, tuple) else ""
        sender = "" if sender in (None, NULL_PATH) else sender
        write = partial(refusals.note, reason, sender=sender or "", recipient=recipient, client_ip=peer, now=now())
        with suppress(DatabaseError):
            await self.in_thread(write)

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        def call() -> Result:
            close_old_connections()
            try:
                return function()
            finally:
                connection.close_if_unusable_or_obsolete()
                self.sessions[threading.get_ident()] = connection.connection

        return await asyncio.get_running_loop().run_in_executor(self.threads, call)

    def close(self) -> None:
        """Ends what is being stored first."""
        self.threads.shutdown()
        for session in filter(None, self.sessions.values()):
            session.close()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if wait := await self.reason_to_wait():
            await self.turned_away(session, wait, sender=address)
            return REASONS[wait]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if await self.channel_of(address) is None:
            await self.turned_away(session, "no_mailbox", sender=envelope.mail_from, recipient=address)
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        wait = await self.reason_to_wait()
        answer = REASONS.get(wait, "")
        if answer:
            await self.turned_away(session, wait, sender=envelope.mail_from, recipient=envelope.rcpt_tos[0])
        else:
            by_channel: dict[int, tuple[Channel, list[str]]] = {}
            for address in envelope.rcpt_tos:
                channel = await self.channel_of(address)
                if channel is None:  # closed since RCPT
                    return NOT_OURS
                by_channel.setdefault(channel.pk, (channel, []))[1].append(address)
            await self.in_thread(lambda: store(session, envelope, by_channel.values()))
            answer = ACCEPTED
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self.is_lmtp else 1))  # RFC 2033: one a recipient

    async def handle_exception(self, error: Exception) -> str:
        # aiosmtpd would say 500, and the sender's server would send our trouble back to the writer as a bounce.
        log.error("smtp error=%s", type(error).__name__, exc_info=error)
        return NOT_NOW


def store(session: Session, envelope: Envelope, wanted: Collection[tuple[Channel, list[str]]]) -> None:
    """One raw message for each of our channels it names, all or none."""
    assert isinstance(envelope.content, bytes)
    at = now()
    with transaction.atomic() if len(wanted) > 1 else nullcontext():
        for channel, addresses in wanted:
            intake.accept(
                envelope.content,
                channel=channel,
                door=Door.SMTP,
                envelope_from="" if envelope.mail_from == NULL_PATH else envelope.mail_from,
                envelope_to=addresses,
                helo=session.host_name or "",
                client_ip=str(session.peer[0]) if isinstance(session.peer, tuple) else "",
                now=at,
            )


class _Session(SMTP):
    """Sessions within limits, and DATA in large pieces instead of lines: attachments arrive at the speed of the
    wire, lines of any length too.

    Only CRLF.CRLF ends a mail; a dot between bare line feeds is content, so nothing can be smuggled behind it.
    """

    is_counted = False

    def connection_made(self, transport: Any) -> None:
        peer = transport.get_extra_info("peername")
        self.came_from = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self.event_handler.admits(self.came_from):
            transport.write(TOO_MANY)
            transport.close()
            return
        self.is_counted = True
        self.event_handler.open_sessions[self.came_from] += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.is_counted:
            self.is_counted = False
            self.event_handler.open_sessions[self.came_from] -= 1
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self.is_counted else False

    async def smtp_MAIL(self: Any, arg: str | None) -> None:
        """A server that says how large its mail is (RFC 1870) hears at once that it is too large."""
        said = _SAID.search(arg or "")
        if said and self.session.host_name and int(said[2]) > self.data_size_limit:
            await self.event_handler.turned_away(self.session, "too_large", sender=said[1])
        await super().smtp_MAIL(arg)

    line_length_limit = 256 * 1024  # also how much the reader buffers; commands have limits of their own

    async def smtp_DATA(self: Any, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            content = await self._whole_mail()
            if content is None:
                answer = TOO_LARGE.format(megabytes=self.data_size_limit // 1024**2)
                sender, recipient = self.envelope.mail_from, self.envelope.rcpt_tos[0]
                await self.event_handler.turned_away(self.session, "too_large", sender=sender, recipient=recipient)
            else:
                self.envelope.content = self.envelope.original_content = content
                answer = await self._call_handler_hook("DATA")
        finally:
            self._set_post_data_state()
        await self.push(answer)

    async def _whole_mail(self: Any) -> bytes | None:
        """The mail without its final dot; None when it was too large (read to its end all the same)."""
        content, dropped = bytearray(), 0
        while True:
            try:
                content += await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError as overrun:
                content += await self._reader.read(overrun.consumed)
                self._reset_timeout()
            else:
                if content.endswith(b"\r\n.\r\n") or (content == b".\r\n" and not dropped):
                    break
            if len(content) + dropped > self.data_size_limit + 5:
                dropped += len(content) - 5
                del content[:-5]
        if dropped:
            return None
        del content[-3:]
        if content.startswith(b"."):
            del content[0]
        return bytes(content.replace(b"\r\n.", b"\r\n"))


class DeskLMTP(_Session, LMTP):
    pass


class Listener:
    """A listener and its sessions."""

    def __init__(self, *, is_lmtp: bool = False, size_limit: int | None = None, **limits: int) -> None:
        self.desk = Desk(is_lmtp=is_lmtp, **limits)
        self.size_limit = settings.MAX_MAIL_BYTES if size_limit is None else size_limit
        self.server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listens. Returns the port, chosen by the system if 0 was asked for."""
        loop = asyncio.get_running_loop()
        kind = DeskLMTP if self.desk.is_lmtp else _Session

        def session() -> SMTP:
            return kind(
                self.desk,
                data_size_limit=self.size_limit,
                enable_SMTPUTF8=True,
                hostname=socket.gethostname(),
                ident="Helpdesk",
                timeout=SESSION_SECONDS,
                loop=loop,
            )

        self.server = await loop.create_server(session, host, port)
        return int(self.server.sockets[0].getsockname()[1])

    async def tell_health(self) -> None:
        """Every minute, for as long as it listens."""
        teller = Teller(Door.SMTP)
        while True:
            with suppress(DatabaseError):  # whoever reads the health sees its age
                trouble = await self.desk.reason_to_wait()
                tell = partial(teller.troubled, trouble) if trouble else teller.good
                await self.desk.in_thread(partial(tell, now=now()))
            await asyncio.sleep(EVERY.total_seconds())

    async def close(self) -> None:
        """No new sessions; what is being stored is stored."""
        if self.server:
            self.server.close()
        await asyncio.get_running_loop().run_in_executor(None, self.desk.close)


async def serve() -> None:
    door, stop = Listener(is_lmtp=settings.SMTP_LMTP), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = await door.open(settings.SMTP_BIND, settings.SMTP_PORT)
    log.info("%s listens on %s:%s", "lmtp" if settings.SMTP_LMTP else "smtp", settings.SMTP_BIND, port)
    telling = asyncio.create_task(door.tell_health())
    await stop.wait()
    telling.cancel()
    await door.close()


def main() -> None:
    """Until SIGTERM."""
    asyncio.run(serve())
