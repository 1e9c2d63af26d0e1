"""How every process says what happens, and the one terminal of a desk where all their lines meet.

`HELPDESK_LOG` is `text` for people or `json`, one object a line, for programs. Neither holds what people wrote: an
exception is told by its kind and its place, for the words of a database's or a parser's quote their letters.
"""

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from types import TracebackType

COLOURS = {"postgres": 34, "valkey": 35, "web": 32, "relay": 36, "worker": 33, "beat": 33, "smtp": 35, "imap": 35}
NOISE = (
    b"Memory overcommit must be enabled",  # Valkey's advice about a kernel that is not ours to set
    b"signal-handler (",
    b"aborting any active transactions",
    b'background worker "logical replication launcher"',
    b"worker: Warm shutdown",
)
SERVERS = {"postgres", "valkey"}
WIDTH = 8


JSON = "json"
_PAIR = re.compile(r"(?<!\S)([a-z][a-z_]*)=(\S+)")
_VARIES = re.compile(rb"\d+|'[^']*'|\"[^\"]*\"")


_process = "command"


def sign_as(process: str) -> None:
    """What the lines of this process, and of those it forks, are signed with."""
    global _process
    _process = process


def is_json() -> bool:
    return os.environ.get("HELPDESK_LOG", "").strip() == JSON


def as_json(process: str, event: str, level: str = "info", at: float | None = None, **more: str) -> str:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC).isoformat(timespec="milliseconds")
    head = {"ts": moment, "level": level, "process": process, "event": event}
    fields = {name: value for name, value in _PAIR.findall(event) if name not in head}
    return json.dumps({**head, **fields, **more}, ensure_ascii=False)


_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record) + _held_back(record)

    def formatException(self, ei: _ExcInfo) -> str:
        """Causes first, as Python does, without the words of any of them but the system's own."""
        chain, error = [], ei[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join("".join(traceback.format_tb(each.__traceback__)) + _kind(each) for each in reversed(chain))


class JsonFormatter(TextFormatter):
    def format(self, record: logging.LogRecord) -> str:
        more = {"logger": record.name}
        if record.exc_info:
            more["traceback"] = self.formatException(record.exc_info)
        event = record.getMessage() + _held_back(record)
        return as_json(_process, event, record.levelname.lower(), record.created, **more)


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    code = getattr(error, "pgcode", None)
    return f"{name}: SQLSTATE {code}" if code else name


def _held_back(record: logging.LogRecord) -> str:
    number = getattr(record, "held_back", 0)
    return f" held_back={number}" if number else ""


class Repeats:
    """Lets the same thing be said some times a minute, and then says how often it was not said."""

    MOST, SECONDS, KINDS = 10, 60.0, 1000

    def __init__(self) -> None:
        self.said: dict[Hashable, tuple[float, int]] = {}  # since when, and how often

    def admit(self, what: Hashable, now: float) -> int | None:
        """None: not now. Else how many of its kind were held back since the last one."""
        since, times = self.said.get(what, (now, 0))
        held_back = 0
        if now - since >= self.SECONDS:
            since, times, held_back = now, 0, max(0, times - self.MOST)
        if len(self.said) >= self.KINDS and what not in self.said:
            self.said.clear()
        self.said[what] = since, times + 1
        return held_back if times < self.MOST else None


class Bounded(logging.Filter):
    """A full disk or a lost database must not fill the log: every kind of warning ten times a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.repeats = Repeats()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        held_back = self.repeats.admit((record.name, record.msg), time.monotonic())
        record.held_back = held_back
        return held_back is not None


@dataclass
class Terminal:
    """Where people read. Colour only for people: a terminal, and no NO_COLOR (https://no-color.org)."""

    colour: bool = field(default_factory=lambda: sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    is_open: bool = True
    is_json: bool = field(default_factory=is_json)
    zone: tzinfo | None = field(default_factory=lambda: datetime.fromtimestamp(time.time(), UTC).astimezone().tzinfo)

    def say(self, text: str, name: str = "helpdesk") -> None:
        if self.is_json:
            self.write((text if text.startswith('{"ts": ') else as_json(name, text)) + "\n")
            return
        hour = datetime.fromtimestamp(time.time(), self.zone).strftime("%H:%M:%S")  # Django changes the local zone
        label = f"{hour} {name:<{WIDTH}} |"
        if self.colour:
            label = f"\033[{COLOURS.get(name.partition('-')[0], 1)}m{label}\033[0m"
        self.write(f"{label} {text}\n")

    def write(self, text: str) -> None:
        if not self.is_open:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            self.is_open = False  # the reader has gone; the desk stays


@dataclass
class Stream:
    """What one process prints, cut into lines. The write end stays open here, so restarts reuse it."""

    name: str
    terminal: Terminal
    rest: bytes = b""
    repeats: Repeats = field(default_factory=Repeats)

    def __post_init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)

    def pump(self) -> None:
        """Show all complete lines that have arrived."""
        try:
            while chunk := os.read(self.read_end, 65536):
                self.rest += chunk
        except BlockingIOError:
            pass
        *lines, self.rest = self.rest.split(b"\n")
        if len(self.rest) > 65536:
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            if line.strip() and not any(noise in line for noise in NOISE):
                self._show(line)

    def _show(self, line: bytes) -> None:
        """Processes of ours hold back by themselves what they repeat; servers say it as often as it happens."""
        held_back: int | None = 0
        if self.name in SERVERS:
            held_back = self.repeats.admit(_VARIES.sub(b"", line), time.monotonic())
        if held_back is not None:
            more = f" held_back={held_back}" if held_back else ""
            self.terminal.say(line.decode("utf-8", "replace").rstrip() + more, self.name)
