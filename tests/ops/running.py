"""Starts real processes for a test, finds all that came of them, and never leaves one behind."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ops.embedded.paths import socket_dir

ROOT = Path(__file__).resolve().parent.parent.parent
MARK = "HELPDESK_TEST_MARK"
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HELPDESK_", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL")


@dataclass
class Running:
    """A process, everything it printed so far, and everything descended from it."""

    process: subprocess.Popen[str]
    signs: tuple[str, ...]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.arrived: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.arrived.put(line.rstrip())

    @property
    def text(self) -> str:
        while not self.arrived.empty():
            self.lines.append(self.arrived.get())
        return "\n".join(self.lines)

    def wait_for(self, words: str, seconds: float = 60) -> str:
        until(lambda: words in self.text or self.process.poll() is not None, seconds, lambda: self.text)
        assert words in self.text, self.text
        return self.text

    def everyone(self) -> dict[int, str]:
        """Living processes, by number, that carry our mark; the process itself too.

        Servers write their title over their environment; those are known by their folder in the title.
        """
        found = {}
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                says = (directory / "environ").read_bytes() + (directory / "cmdline").read_bytes()
                if any(os.fsencode(sign) in says for sign in self.signs):
                    found[int(directory.name)] = (directory / "comm").read_text().strip()
            except OSError:
                continue
        return found

    def pid_of(self, name: str, other_than: int = 0, seconds: float = 20) -> int:
        """The oldest process of that name, waited for."""

        def pids() -> list[int]:
            return sorted(pid for pid, comm in self.everyone().items() if comm == name and pid != other_than)

        until(pids, seconds, lambda: f"no {name} in {self.everyone()}\n{self.text}")
        return pids()[0]

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait(self, seconds: float = 30) -> int:
        code = self.process.wait(seconds)
        self.reader.join(5)
        return code


def until(condition: Callable[[], object], seconds: float = 30, explain: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s\n{explain()}")
        time.sleep(0.02)


@contextmanager
def start(
    *command: str | Path, env: Mapping[str, str], cwd: Path = ROOT, beside_a_desk: bool = False
) -> Iterator[Running]:
    """Run `command` with a clean environment and `env`; whatever is left of it afterwards is killed.

    So is everything else that works on its data, unless it runs `beside_a_desk`.
    """
    mark, data_dir = uuid.uuid4().hex, Path(env["HELPDESK_DATA_DIR"])
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env={**inherited, "PYTHONUNBUFFERED": "1", **env, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Running(process, (mark,) if beside_a_desk else (mark, f"{data_dir}/", str(socket_dir(data_dir))))
    try:
        yield running
    finally:
        for pid in running.everyone():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()


PYTHON = sys.executable
