"""The parser in a process of its own, with limits of time and memory, kept for the next mail.

Started as a plain subprocess, so it works inside daemonic worker processes too. It knows no settings and no
database; hostile mail can at worst cost this process its life, and the next mail gets a fresh one.
"""

import ctypes
import os
import pickle
import queue
import select
import signal
import struct
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_app.mail.limits import Unparseable

if TYPE_CHECKING:
    from tickets.contracts import InboundMessage

MEMORY_BYTES = 1024**3
IDLE_SECONDS = 60
TIMEOUT_SECONDS = 30.0

_ROOT = Path(__file__).resolve().parents[2]
_LENGTHS = struct.Struct("!QQ")  # of the arguments and of the raw mail; in answers the second is 0
_CHUNK = 1024 * 1024
_PR_SET_PDEATHSIG = 1


class _Gone(Exception):
    """The child ended before it answered."""


class ParserChild:
    """One child, started when first needed. Not for several threads at once."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._memory_bytes = memory_bytes
        self._idle_seconds = idle_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def parse(
        self,
        raw: bytes,
        *,
        received_at: datetime,
        envelope_from: str | None = None,
        envelope_to: tuple[str, ...] = (),
        reply_domains: frozenset[str] = frozenset(),
        timeout: float = TIMEOUT_SECONDS,
    ) -> "InboundMessage":
        """As `parse.parse`. Raises `Unparseable`, also for "parser_timeout" and "parser_crashed"."""
        arguments = {
            "received_at": received_at,
            "envelope_from": envelope_from,
            "envelope_to": envelope_to,
            "reply_domains": reply_domains,
        }
        job = pickle.dumps(arguments, protocol=5)
        is_fresh = self._ensure_started()
        try:
            answer = self._exchange(job, raw, timeout)
        except _Gone as gone:
            # An old child may have ended itself of idleness just now; a fresh one died of this mail.
            if is_fresh:
                raise Unparseable("parser_crashed") from gone
            self._ensure_started()
            try:
                answer = self._exchange(job, raw, timeout)
            except _Gone as again:
                raise Unparseable("parser_crashed") from again
        if isinstance(answer, Unparseable):
            if answer.reason_code in ("out_of_memory", "too_deep"):
                self.close()  # its heap is not to be trusted any more
            raise answer
        return answer

    def close(self) -> None:
        """Ends the child. The next `parse` starts another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass

    def _ensure_started(self) -> bool:
        """True if a child had to be started."""
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return False
        self.close()
        command = [sys.executable, "-m", "channels_app.mail.child"]
        limits = [str(os.getpid()), str(self._memory_bytes), str(self._idle_seconds)]
        self._process = subprocess.Popen(
            command + limits,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            bufsize=0,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        )
        self._owner = os.getpid()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                os.set_blocking(pipe.fileno(), False)
        return True

    def _exchange(self, job: bytes, raw: bytes, timeout: float) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise _Gone
        deadline = time.monotonic() + timeout
        try:
            for piece in (_LENGTHS.pack(len(job), len(raw)) + job, raw):
                self._write(process.stdin.fileno(), piece, deadline)
            length, _ = _LENGTHS.unpack(self._read(process.stdout.fileno(), _LENGTHS.size, deadline))
            return pickle.loads(self._read(process.stdout.fileno(), length, deadline))  # noqa: S301  our own child
        except TimeoutError as late:
            self.close()
            raise Unparseable("parser_timeout") from late
        except (OSError, EOFError) as gone:
            self.close()
            raise _Gone from gone

    @staticmethod
    def _write(descriptor: int, content: bytes, deadline: float) -> None:
        view = memoryview(content)
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        while view:
            _wait(poll, deadline)
            view = view[os.write(descriptor, view[:_CHUNK]) :]

    @staticmethod
    def _read(descriptor: int, length: int, deadline: float) -> bytearray:
        content = bytearray(length)
        view = memoryview(content)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while view:
            _wait(poll, deadline)
            number = os.readv(descriptor, [view])
            if not number:
                raise EOFError
            view = view[number:]
        return content


def _wait(poll: "select.poll", deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError


class ParserPool:
    """Children for several threads: as many as parse at the same time, at most `size`. Safe to keep over a fork."""

    def __init__(self, *, size: int = 2, memory_bytes: int = MEMORY_BYTES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._free: queue.LifoQueue[ParserChild] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(ParserChild(memory_bytes=memory_bytes, idle_seconds=idle_seconds))

    def parse(
        self,
        raw: bytes,
        *,
        received_at: datetime,
        envelope_from: str | None = None,
        envelope_to: tuple[str, ...] = (),
        reply_domains: frozenset[str] = frozenset(),
        timeout: float = TIMEOUT_SECONDS,
    ) -> "InboundMessage":
        """As `parse.parse`, in a child. Waits for a free one."""
        child = self._free.get()
        try:
            return child.parse(
                raw,
                received_at=received_at,
                envelope_from=envelope_from,
                envelope_to=envelope_to,
                reply_domains=reply_domains,
                timeout=timeout,
            )
        finally:
            self._free.put(child)

    def close(self) -> None:
        """Ends the children that are free."""
        children = []
        while True:
            try:
                children.append(self._free.get_nowait())
            except queue.Empty:
                break
        for child in children:
            child.close()
            self._free.put(child)


def _serve(parent: int, memory_bytes: int, idle_seconds: float) -> None:
    """The child: answers jobs on standard input until that closes or stays silent."""
    import gc
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the parent died before the line above
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    from channels_app.mail.parse import parse

    gc.disable()  # a letter holds few cycles; collected between mails
    while select.select([0], [], [], idle_seconds)[0]:
        try:
            lengths = _receive(_LENGTHS.size)
            job_length, raw_length = _LENGTHS.unpack(lengths)
            arguments = pickle.loads(_receive(job_length))  # noqa: S301  from our own parent
            raw = bytes(_receive(raw_length))
        except EOFError:
            return
        except MemoryError:
            return  # nobody can be answered in the middle of a job
        _answer(parse, raw, arguments)
        del raw
        gc.collect(0)


def _answer(parse: Any, raw: bytes, arguments: dict[str, Any]) -> None:
    try:
        answer = pickle.dumps(parse(raw, **arguments), protocol=5)
    except Unparseable as refusal:
        answer = pickle.dumps(Unparseable(refusal.reason_code), protocol=5)
    except MemoryError:
        answer = pickle.dumps(Unparseable("out_of_memory"), protocol=5)
    for piece in (_LENGTHS.pack(len(answer), 0), answer):
        view = memoryview(piece)
        while view:
            view = view[os.write(1, view[:_CHUNK]) :]


def _receive(length: int) -> bytearray:
    content = bytearray(length)
    view = memoryview(content)
    while view:
        number = os.readv(0, [view])
        if not number:
            raise EOFError
        view = view[number:]
    return content


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
