import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from channels_app import smtpd
from channels_app.models import Channel


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
