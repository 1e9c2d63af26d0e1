"""The one terminal of a desk: the lines of every process, each with its hour and its name."""

import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

COLOURS = {"postgres": 34, "valkey": 35, "web": 32, "relay": 36, "worker": 33, "beat": 33, "smtp": 35, "imap": 35}
NOISE = (
    b"Memory overcommit must be enabled",  # Valkey's advice about a kernel that is not ours to set
    b"signal-handler (",
    b"aborting any active transactions",
    b'background worker "logical replication launcher"',
    b"worker: Warm shutdown",
)
WIDTH = 8


@dataclass
class Terminal:
    """Where people read. Colour only for people: a terminal, and no NO_COLOR (https://no-color.org)."""

    colour: bool = field(default_factory=lambda: sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    is_open: bool = True
    zone: tzinfo | None = field(default_factory=lambda: datetime.fromtimestamp(time.time(), UTC).astimezone().tzinfo)

    def say(self, text: str, name: str = "helpdesk") -> None:
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
                self.terminal.say(line.decode("utf-8", "replace").rstrip(), self.name)
