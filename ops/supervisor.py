"""Keeps the processes of a desk alive, and takes all of them down with itself.

Django is imported once, in this process; each role is a fork of it, so they share that memory. Hence nothing here may
open a database connection or start a thread. A role that dies is forked again, an embedded server is started again;
neither disturbs the others. If this process is killed the kernel kills the roles (`die_with_parent`).
"""

import contextlib
import ctypes
import gc
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from ops import embedded, logs
from ops.embedded.process import die_with_parent
from ops.logs import Stream, Terminal

log = logging.getLogger(__name__)

PR_SET_NAME = 15
FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
SETTLED_SECONDS = 30.0  # whoever lived this long died of something new
STOP_SECONDS = 12.0


@dataclass
class Child:
    """One role as a process. `stage` says when it stops: the doors first, what they lean on later."""

    name: str
    run: Callable[[], None]
    stage: int
    stream: Stream
    pid: int = 0
    started_at: float = 0.0
    start_at: float = 0.0
    delay: float = FIRST_DELAY


@dataclass
class Supervisor:
    terminal: Terminal = field(default_factory=Terminal)
    children: list[Child] = field(default_factory=list)
    servers: embedded.Servers | None = None
    interrupts: int = 0

    def __post_init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.streams: dict[str, Stream] = {}
        self.server_start_at: dict[str, float] = {}
        self.bell, bell_in = socket.socketpair()
        self.bell.setblocking(False)
        bell_in.setblocking(False)
        self.bell_in = bell_in
        self.selector.register(self.bell, selectors.EVENT_READ, None)

    # Signals only note what happened; the loop acts on it.

    def listen_to_signals(self) -> None:
        signal.set_wakeup_fd(self.bell_in.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self.interrupts += 1

    def stream(self, name: str) -> Stream:
        if name not in self.streams:
            self.streams[name] = stream = Stream(name, self.terminal)
            self.selector.register(stream.read_end, selectors.EVENT_READ, stream)
        return self.streams[name]

    def start_servers(self, servers: embedded.Servers) -> None:
        """Start them and wait until they answer; from then on they are watched. Raises `CannotStart`."""
        self.servers = servers
        try:
            for server in servers.running:
                server.prepare()
                server.start(self.stream(server.name).write_end)
            for server in servers.running:
                embedded.wait_until_ready(server, self.stream(server.name).write_end)
        finally:
            for stream in self.streams.values():
                stream.pump()

    def add(self, name: str, run: Callable[[], None], stage: int) -> None:
        """Have `run` done in a process of its own from now on. `run` returns after SIGTERM."""
        child = Child(name, run, stage, self.stream(name))
        self.children.append(child)
        self._fork(child)

    def do(self, name: str, task: Callable[[], None]) -> None:
        """Have `task` done once in a process of its own; raises `CannotStart` if it fails or is interrupted."""
        child = Child(name, task, 0, self.stream(name))
        self._fork(child)
        while not (ended := os.waitpid(child.pid, os.WNOHANG))[0]:
            self.step()
            if self.interrupts:
                os.kill(child.pid, signal.SIGKILL)
        child.stream.pump()
        if self.interrupts or ended[1]:
            raise embedded.CannotStart("interrupted" if self.interrupts else f"{name} failed; the reason stands above")

    def _fork(self, child: Child) -> None:
        gc.collect()
        gc.freeze()  # the collector would write into every shared page
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        child.started_at, child.start_at = time.monotonic(), 0.0
        child.pid = os.fork()
        if child.pid:
            return
        status = 1
        try:
            self._become(child, parent)
            child.run()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            log.critical("role=%s broke", child.name, exc_info=True)
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _become(self, child: Child, parent: int) -> None:
        os.setsid()  # Ctrl-C reaches the supervisor alone, which then stops us in order
        die_with_parent(signal.SIGKILL, parent)  # the database goes in the same instant: nothing to finish
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        logs.sign_as(child.name)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(child.stream.write_end, 1)
        os.dup2(child.stream.write_end, 2)
        for stream in self.streams.values():
            os.close(stream.read_end)
            os.close(stream.write_end)
        self.selector.close()
        self.bell.close()
        self.bell_in.close()
        for text in (sys.stdout, sys.stderr):
            text.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_NAME, f"hd-{child.name}".encode()[:15], 0, 0, 0)

    def run(self) -> None:
        """Until somebody asks to stop."""
        while not self.interrupts:
            self.step()

    def step(self, patience: float = 0.5) -> None:
        """Show what was printed, collect who died, start again who is due."""
        self._listen(patience)
        now = time.monotonic()
        for child in self.children:
            if child.pid and (status := _ended(child.pid)) is not None:
                self._plan_restart(child, status, now)
            if not child.pid and now >= child.start_at:
                self._fork(child)
        for server in self.servers.running if self.servers else ():
            if server.process and server.process.poll() is not None:
                due = self.server_start_at.setdefault(server.name, now + FIRST_DELAY)
                if now >= due:
                    self.terminal.say(f"{server.name} ended ({_manner(-server.process.returncode)}); starting it again")
                    server.start(self.stream(server.name).write_end)
                    del self.server_start_at[server.name]

    def _listen(self, patience: float) -> None:
        due = [child.start_at - time.monotonic() for child in self.children if not child.pid]
        for key, _ in self.selector.select(max(0.0, min([patience, *due]))):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    while self.bell.recv(4096):
                        pass
            else:
                key.data.pump()

    def _plan_restart(self, child: Child, status: int, now: float) -> None:
        child.stream.pump()
        child.pid = 0
        if now - child.started_at > SETTLED_SECONDS:
            child.delay = FIRST_DELAY
        child.start_at = now + child.delay
        self.terminal.say(f"{child.name} ended ({_manner_of(status)}); starting it again in {child.delay:.1f} s")
        child.delay = min(child.delay * 3, LONGEST_DELAY)

    def stop(self) -> None:
        """Roles by stage, then the servers. One more interrupt, or too long a wait, and the rest is killed."""
        asked = self.interrupts
        for stage in sorted({child.stage for child in self.children}):
            group = [child for child in self.children if child.stage == stage and child.pid]
            self._signal(group, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while group and time.monotonic() < deadline and self.interrupts == asked:
                self._listen(0.2)
                group = self._still_running(group)
            if group:
                self.terminal.say(f"killing {', '.join(child.name for child in group)}")
                self._signal(group, signal.SIGKILL)
                for child in group:
                    os.waitpid(child.pid, 0)
        if self.servers:
            self.servers.stop()
        for stream in self.streams.values():
            stream.pump()

    def _still_running(self, group: Sequence[Child]) -> list[Child]:
        running = []
        for child in group:
            if _ended(child.pid) is None:
                running.append(child)
            else:
                child.pid = 0
        return running

    @staticmethod
    def _signal(group: Iterable[Child], number: int) -> None:
        for child in group:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, number)


def _ended(pid: int) -> int | None:
    """The wait status of a child that has ended, None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return status if found else None


def _manner_of(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return _manner(-code) if code < 0 else f"code {code}"


def _manner(number: int) -> str:
    if number <= 0:
        return f"code {-number}"
    return signal.Signals(number).name
