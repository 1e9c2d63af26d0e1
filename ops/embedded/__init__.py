"""PostgreSQL and Valkey out of our own wheels, for installations that bring none. Standard library only.

They start before Django's settings are read, which then find them through two addresses:

* `DATABASE_URL` = `postgres:///helpdesk?host=/socket/directory&user=helpdesk`
* `REDIS_URL` = `unix:///path/to/valkey.sock` (Celery wants the same as `redis+socket:///path?virtual_host=0`)

An address that is set already always wins: that server is not started.
"""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.embedded.postgres import Postgres
from ops.embedded.process import CannotStart
from ops.embedded.valkey import Valkey

__all__ = ["CannotStart", "Servers", "make", "start", "wait_until_ready"]

Server = Postgres | Valkey


@dataclass(frozen=True)
class Servers:
    """The servers that we run ourselves; `env` holds the addresses of these and no others."""

    running: tuple[Server, ...]
    env: Mapping[str, str]

    def stop(self, patience: float = 30.0) -> None:
        """Stop in reverse order and wait; what does not end within `patience` seconds is killed."""
        for server in reversed(self.running):
            server.stop()
        deadline = time.monotonic() + patience
        for server in self.running:
            if server.process is None:
                continue
            try:
                server.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                server.process.kill()


def make(data_dir: Path, durable: bool = True, environ: Mapping[str, str] = os.environ) -> Servers:
    """The servers that `environ` does not name, not started yet. Raises `CannotStart` with one line for a person."""
    data_dir.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, Server] = {}
    if not environ.get("DATABASE_URL"):
        wanted["DATABASE_URL"] = Postgres(data_dir, durable)
    if not environ.get("REDIS_URL"):
        wanted["REDIS_URL"] = Valkey(data_dir, durable)
    return Servers(tuple(wanted.values()), {name: server.url for name, server in wanted.items()})


def start(data_dir: Path, durable: bool = True, environ: Mapping[str, str] = os.environ) -> Servers:
    """Start what `environ` does not name and wait until it answers. The logs go to `data_dir`/servers.log."""
    servers = make(data_dir, durable, environ)
    log = os.open(data_dir / "servers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for server in servers.running:
            server.prepare()
            server.start(log)
        for server in servers.running:
            wait_until_ready(server, log)
    except BaseException:
        servers.stop(patience=5)
        raise
    finally:
        os.close(log)
    return servers


def wait_until_ready(server: Server, output: int, patience: float = 120.0) -> None:
    """Recovery after a power cut may take a while, so `patience` is long.

    A server that ended is tried again: after a kill -9 the rest of the old one holds its memory for a moment.
    """
    deadline = time.monotonic() + patience
    attempts = 5
    while not server.is_ready():
        if server.process is None or server.process.poll() is not None:
            attempts -= 1
            if not attempts:
                raise CannotStart(f"{server.name} does not start; its last words are in the log")
            time.sleep(0.3)
            server.start(output)
        if time.monotonic() > deadline:
            raise CannotStart(f"{server.name} did not answer within {patience:.0f} seconds")
        time.sleep(0.02)
