"""One data directory and who is using it: its lock, its secret key, its servers, the settings they imply."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops import embedded
from ops.embedded.postgres import Postgres
from ops.embedded.process import CannotStart, name_of
from ops.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
UP = "up"
COMMAND = "command"


def data_dir() -> Path:
    return Path(os.environ.get("HELPDESK_DATA_DIR", "").strip() or ROOT / "var").resolve()


@dataclass(frozen=True)
class Holder:
    """Who has the lock: the number of the process, and whether it is a whole desk or a single command."""

    pid: int
    purpose: str

    @property
    def is_alive(self) -> bool:
        return bool(name_of(self.pid))


class Lock:
    """At most one user of a data directory. Every process forked by the holder holds it too.

    So it is free only when the last of them is gone: the next start waits for the rest of a killed desk
    instead of meeting its ports and files.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def try_to_take(self, purpose: str) -> bool:
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.truncate(self.handle, 0)
        os.pwrite(self.handle, f"{os.getpid()} {purpose}".encode(), 0)
        return True

    def take(self, purpose: str, patience: float = 30.0) -> None:
        """Wait for commands and for the rest of a killed desk; a living desk is not waited for."""
        deadline = time.monotonic() + patience
        while not self.try_to_take(purpose):
            holder = self.holder()
            if (holder and holder.is_alive and holder.purpose == UP) or time.monotonic() > deadline:
                who = f"process {holder.pid}" if holder else "another process"
                raise CannotStart(
                    f"{self.directory} is in use by {who}: stop it (Ctrl-C there), "
                    "or name another folder in HELPDESK_DATA_DIR"
                )
            time.sleep(0.05)

    def holder(self) -> Holder | None:
        pid, _, purpose = os.pread(self.handle, 100, 0).decode().partition(" ")
        return Holder(int(pid), purpose) if pid.isdigit() else None

    def release(self) -> None:
        os.close(self.handle)


def settle_defaults() -> None:
    """Fill in what a demo may choose for itself: that it is one, its folder, its secret key."""
    environ = os.environ
    environ["HELPDESK_DATA_DIR"] = str(data_dir())
    is_embedded = not environ.get("DATABASE_URL")
    environ.setdefault("HELPDESK_DEMO", "1" if is_embedded else "0")
    if environ["HELPDESK_DEMO"].strip() in {"1", "true", "yes", "on"} and not environ.get("SECRET_KEY"):
        environ["SECRET_KEY"] = _kept_secret(data_dir() / "secret-key")


def _kept_secret(path: Path) -> str:
    """Made once; a new one at every start would sign everybody out and void every reply address."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, secrets.token_urlsafe(50).encode())
        os.fsync(handle)
        os.close(handle)
    return path.read_text().strip()


def publish(env: dict[str, str]) -> None:
    """Tell commands beside a running desk the settings that it chose."""
    path = data_dir() / "up.json"
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(env, file)
    fresh.rename(path)


def published() -> dict[str, str]:
    """What the desk that runs on this data chose; empty if none does."""
    try:
        found: dict[str, str] = json.loads((data_dir() / "up.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def withdraw() -> None:
    (data_dir() / "up.json").unlink(missing_ok=True)


def name_servers() -> None:
    """Set the addresses the embedded servers would have, for commands that read settings and touch no server."""
    for variable, server in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
        if not os.environ.get(variable):
            os.environ[variable] = server(data_dir(), durable=True).url


@contextlib.contextmanager
def servers_for_a_command() -> Iterator[None]:
    """Servers for the length of one command: the operator's, else those of the running desk, else our own."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield
        return
    lock = Lock(data_dir())
    while not lock.try_to_take(COMMAND):
        holder = lock.holder()
        if holder and holder.purpose == UP and holder.is_alive and (data_dir() / "up.json").exists():
            lock.release()
            for name, value in published().items():
                os.environ.setdefault(name, value)
            yield
            return
        time.sleep(0.05)
    servers = embedded.start(data_dir())
    os.environ.update(servers.env)
    try:
        yield
    finally:
        servers.stop()
        lock.release()
