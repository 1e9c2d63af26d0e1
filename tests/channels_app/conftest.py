import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import SMTP

from channels_app import smtpd
from channels_app.drivers.relay import Relay
from channels_app.models import Channel
from staff.models import Team
from tickets.services import setup


class Loop:
    """An event loop in a thread, for listeners that a test talks to over a socket."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def _end_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        self.run(self._end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def support(transactional_db: None) -> Channel:
    """The demo's mailbox. Listeners store from threads of their own, so these tests commit."""
    Team.objects.get_or_create(slug="first-line", defaults={"name_ru": "Первая линия", "name_en": "First line"})
    setup.ensure_queue("support", name_ru="Поддержка", name_en="Support", team_slug="first-line")
    return Channel.objects.create(
        slug="support-mail", name="Support", address="support@example.com", queue_slug="support"
    )


@pytest.fixture
def open_door(loop: Loop, support: Channel) -> Iterator:
    opened = []

    def open_it(**options) -> int:
        listener = smtpd.Listener(**options)
        opened.append(listener)
        return loop.run(listener.open("127.0.0.1", 0))

    yield open_it
    for listener in opened:
        loop.run(listener.close())


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Sink:
    """A server that answers as told and keeps what it was given."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    hangs_up: bool = False

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.hangs_up:
            server.transport.abort()
            await asyncio.sleep(0)
        return self.answers.get("DATA", "250 OK queued as 17")


@pytest.fixture
def sink(loop: Loop) -> Iterator[tuple[Sink, Relay]]:
    sink = Sink()

    async def listen() -> asyncio.Server:
        return await loop.loop.create_server(lambda: SMTP(sink, hostname="sink", loop=loop.loop), "127.0.0.1", 0)

    server = loop.run(listen())
    yield sink, Relay("127.0.0.1", server.sockets[0].getsockname()[1])
    loop.loop.call_soon_threadsafe(server.close)
