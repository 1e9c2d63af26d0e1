"""The relay: the only process that talks to the bus.

Writers NOTIFY in their own transaction. The relay hears it after the commit, rings Celery's doorbell or
nudges the sockets, and sweeps every few seconds for whatever it missed. A frozen Redis therefore never
holds a request or an SMTP dialogue, and an empty one costs at most one sweep (docs/adr/0002).

When the bell cannot be rung, the relay does in a thread of its own what the worker would have done: everything
that is due stands in PostgreSQL, and a claim is safe against whoever else claims.
"""

import asyncio
import logging
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import psycopg2
from asgiref.sync import sync_to_async
from celery import current_app
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections

from core.clock import now as read_clock
from events import registry
from events.outbox import CHANNEL

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5
CHORE_SECONDS = 1
REST_SECONDS = 0.1  # the first call is passed on at once; what comes together leaves together
RING_SECONDS = 2  # a frozen Redis answers nothing; the sockets' own limits add up to far more
WORKER_RETURNS_SECONDS = 90  # Celery asks a lost broker every thirty at last, and a try at a frozen one can hang, too
FINISH_SECONDS = 10


def group_name(topic: str) -> str:
    """Channel layer groups allow letters, digits, hyphen, underscore and full stop only."""
    return "topic." + topic.replace(":", ".")


class Bells:
    """Rings for the worker, and stands in for it while Redis is away and until the worker can have noticed its return.

    A ring that hangs, hangs in a thread of its own; meanwhile no other is tried.
    """

    def __init__(self) -> None:
        self.ringer = ThreadPoolExecutor(1, thread_name_prefix="ringer")
        self.stand_in = ThreadPoolExecutor(1, thread_name_prefix="stand-in")
        self.last_ring: Future[object] | None = None
        self.working: dict[str, Future[None]] = {}
        self.is_away = False
        self.help_until = 0.0

    async def ring(self, task: str) -> None:
        try:
            await self._ring(task)
        except Exception as error:
            if not self.is_away:
                log.warning("broker=away working=here error=%s", str(error) or type(error).__name__)
            self.is_away, self.help_until = True, time.monotonic() + WORKER_RETURNS_SECONDS
        else:
            if self.is_away:
                log.warning("broker=back")
            self.is_away = False
        working = self.working.get(task)
        if time.monotonic() < self.help_until and (working is None or working.done()):
            self.working[task] = self.stand_in.submit(_work_here, task)

    async def _ring(self, task: str) -> None:
        """Raises whatever kept the bell from ringing."""
        if self.last_ring is not None and not self.last_ring.done():
            raise TimeoutError("the last ring still hangs")
        self.last_ring = self.ringer.submit(current_app.send_task, task, retry=False)
        await asyncio.to_thread(self.last_ring.result, RING_SECONDS)

    async def finish(self) -> None:
        """Begins nothing more and lets what is at work end, unless that takes too long: leases do the rest."""
        self.ringer.shutdown(wait=False, cancel_futures=True)
        self.stand_in.shutdown(wait=False, cancel_futures=True)
        at_work = [asyncio.wrap_future(work) for work in self.working.values() if not work.done()]
        if at_work:
            await asyncio.wait(at_work, timeout=FINISH_SECONDS)


def _work_here(task: str) -> None:
    close_old_connections()
    try:
        current_app.tasks[task]()
    except Exception:
        log.exception("task=%s broke", task)
    finally:
        connections.close_all()  # this thread may not be needed again for months


class Relay:
    def __init__(self) -> None:
        self.worker = Bells()
        self.bells: set[str] = set()
        self.topics: set[str] = set()
        self.something = asyncio.Event()
        self.stopping = asyncio.Event()

    def hear(self, call: str) -> None:
        kind, _, name = call.partition(" ")
        (self.bells if kind == "bell" else self.topics).add(name)
        self.something.set()

    async def listen(self) -> None:
        """Keeps one LISTEN connection; after a broken one everything is swept, for nobody knows what was missed."""
        loop = asyncio.get_running_loop()
        while not self.stopping.is_set():
            try:
                raw = await asyncio.to_thread(self._connect)
            except psycopg2.Error as error:
                log.warning("listen=failed error=%s", type(error).__name__)
                await asyncio.sleep(1)
                continue
            self.bells.update(registry.BELLS)
            self.something.set()
            broken = asyncio.Event()

            def readable(raw: "psycopg2.extensions.connection" = raw, broken: asyncio.Event = broken) -> None:
                try:
                    raw.poll()
                except psycopg2.Error:
                    broken.set()
                    return
                while raw.notifies:
                    self.hear(raw.notifies.pop(0).payload)

            descriptor = raw.fileno()  # a broken connection does not tell it any more
            loop.add_reader(descriptor, readable)
            stop = asyncio.create_task(self.stopping.wait())
            lost = asyncio.create_task(broken.wait())
            await asyncio.wait({stop, lost}, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel(), lost.cancel()
            loop.remove_reader(descriptor)
            with suppress(psycopg2.Error):
                raw.close()

    @staticmethod
    def _connect() -> "psycopg2.extensions.connection":
        raw = psycopg2.connect(**connection.get_connection_params())
        raw.autocommit = True
        with raw.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        return raw

    async def pass_on(self) -> None:
        layer = get_channel_layer()
        while not self.stopping.is_set():
            await self.something.wait()
            self.something.clear()
            bells, self.bells = self.bells, set()
            topics, self.topics = self.topics, set()
            for name in bells:
                await self._ring(name)
            for topic in topics:
                try:
                    await asyncio.wait_for(
                        layer.group_send(group_name(topic), {"type": "nudge", "topic": topic}), timeout=3
                    )
                except Exception as error:
                    # A nudge is a hint; pages look again by themselves.
                    log.warning("nudge=lost error=%s", type(error).__name__)
                    break
            await asyncio.sleep(REST_SECONDS)

    async def _ring(self, name: str) -> None:
        bell = registry.BELLS.get(name)
        if bell is None:
            log.warning("bell=%s unknown", name)
            return
        await self.worker.ring(bell.task)

    async def sweep(self) -> None:
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), SWEEP_SECONDS)
            try:
                due = await sync_to_async(self._due)()
            except Exception as error:
                log.warning("sweep=failed error=%s", type(error).__name__)
                continue
            if due:
                self.bells.update(due)
                self.something.set()

    @staticmethod
    def _due() -> list[str]:
        close_old_connections()
        now = read_clock()
        return [name for name, bell in registry.BELLS.items() if bell.has_work(now)]

    async def do_chores(self) -> None:
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), CHORE_SECONDS)
            await sync_to_async(self._chores)()

    @staticmethod
    def _chores() -> None:
        close_old_connections()
        now = read_clock()
        for chore in registry.CHORES:
            name = f"{chore.__module__}.{chore.__name__}"
            try:
                chore(now)
            except (OperationalError, InterfaceError) as trouble:  # the next one would wait for the same database
                log.warning("chore=%s postponed error=%s", name, type(trouble).__name__)
                return
            except Exception:
                log.exception("chore=%s broke", name)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sig, self.stopping.set)
        parts = (self.listen, self.pass_on, self.sweep, self.do_chores)
        tasks = [asyncio.create_task(part(), name=part.__name__) for part in parts]
        stop = asyncio.create_task(self.stopping.wait())
        # A part that ends by itself is a bug; the supervisor starts the whole relay again.
        ended, _ = await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {stop}:
            log.error("part=%s ended", task.get_name(), exc_info=task.exception())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.worker.finish()


def main() -> None:
    """Runs until SIGTERM."""
    current_app.loader.import_default_modules()  # the tasks, for when they are done here
    asyncio.run(Relay().run())
