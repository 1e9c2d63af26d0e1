"""A PostgreSQL of our own: made on the first start, reachable only through a socket only we may open.

Roles are as in production: `postgres` is the superuser, the application is `helpdesk`, a plain owner that may
create databases (for tests) and trusted extensions, nothing more.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ops.embedded.paths import postgres_bin, socket_dir
from ops.embedded.process import (
    NOBODY,
    CannotStart,
    end_orphan,
    enter_nobody_namespace,
    namespaces_work,
    spawn,
    wait_until_left,
)

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "jit": "off",
    "max_connections": "200",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements hold what people wrote, and so do the details of an error
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
FIRST_STATEMENTS = """\
CREATE ROLE helpdesk LOGIN CREATEDB
CREATE DATABASE helpdesk OWNER helpdesk
"""
ROOT_FALLBACK = Path("/var/lib/helpdesk")


@dataclass
class Postgres:
    """One cluster in `data_dir`/postgres. `durable` is off only where losing the data is no loss: tests."""

    data_dir: Path
    durable: bool
    name: str = "postgres"
    process: subprocess.Popen[bytes] | None = None
    _become: Callable[[], None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.bin = postgres_bin()
        self.sockets = socket_dir(self.data_dir)
        self.cluster = self.data_dir / "postgres"
        if os.geteuid() == 0:
            self._settle_for_root()
        elif not _has_name(os.geteuid()) and namespaces_work():
            self._become = enter_nobody_namespace  # initdb wants a user with a name, containers often have none

    @property
    def url(self) -> str:
        return f"postgres:///helpdesk?host={self.sockets}&user=helpdesk"

    def _settle_for_root(self) -> None:
        if namespaces_work():
            self._become = enter_nobody_namespace
            return
        self._become = _become_nobody
        self.sockets = socket_dir(self.data_dir, owner=NOBODY)
        self.cluster = ROOT_FALLBACK / self.sockets.name / "postgres"
        self.cluster.parent.mkdir(parents=True, exist_ok=True)
        os.chown(self.cluster.parent, NOBODY, NOBODY)
        if subprocess.run(
            [self.bin / "postgres", "--version"], preexec_fn=_become_nobody, capture_output=True
        ).returncode:
            raise CannotStart(
                f"PostgreSQL does not run as root, and user nobody may not read {self.bin}: "
                "start as a normal user, or move the project where others may read it"
            )

    def prepare(self) -> None:
        """Make the cluster if there is none. Killed half-way it leaves only a folder that the next start removes."""
        if (self.cluster / "PG_VERSION").exists():
            return
        fresh = self.cluster.with_name("postgres.init")
        shutil.rmtree(fresh, ignore_errors=True)
        self._run([self.bin / "initdb", "-D", fresh, *self._initdb_options()])
        self._run([self.bin / "postgres", "--single", "-D", fresh, "postgres"], text=FIRST_STATEMENTS)
        if self.durable:
            subprocess.run(["sync", "-f", str(fresh)], check=False)  # initdb ran with --no-sync
        fresh.rename(self.cluster)

    def _initdb_options(self) -> list[str]:
        # Without --lc-ctype the cluster looks right, yet pg_trgm drops every Cyrillic letter.
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--lc-ctype=C.UTF-8"]
        options += ["-T", "russian", "--no-instructions", "--no-sync"]
        if self.major_version() >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return options

    def major_version(self) -> int:
        text = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+)[.\w]*", text)
        return int(found[1]) if found else 0

    def _run(self, command: list[str | Path], text: str = "") -> None:
        done = subprocess.run(
            command, input=text, text=True, capture_output=True, preexec_fn=self._become, cwd="/", env=_plain_env()
        )
        if done.returncode:
            raise CannotStart(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")

    def start(self, output: int) -> None:
        """Start the server; `output` is the file descriptor its log goes to. Does not wait."""
        self._clear_an_earlier_start()
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)} | ({} if self.durable else FOR_TESTS)
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self.process = spawn(
            [self.bin / "postgres", "-D", self.cluster, *options],
            output=output,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            prepare=self._become,
            env=_plain_env(),
        )

    def _clear_an_earlier_start(self) -> None:
        """Make sure that nothing of a killed server is left, its lock files included.

        PostgreSQL takes a dead postmaster that nobody has collected for a living one and refuses to start,
        for ever where process 1 collects nothing, as in many containers. Its second guard, the shared memory of
        the old sessions, is named in the pid file, so these are waited for first.
        """
        pid_file = self.cluster / "postmaster.pid"
        end_orphan(pid_file, programs=("postgres",), stop_signal=signal.SIGINT)
        wait_until_left(self.cluster.resolve())
        if sys.platform == "linux":
            pid_file.unlink(missing_ok=True)
            (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Whether the application's role is let into its database."""
        request = struct.pack("!i", 196608) + b"user\0helpdesk\0database\0helpdesk\0\0"
        try:
            with socket.socket(socket.AF_UNIX) as wire:
                wire.settimeout(5)
                wire.connect(str(self.sockets / ".s.PGSQL.5432"))
                wire.sendall(struct.pack("!i", len(request) + 4) + request)
                let_in = wire.recv(1) == b"R"
                wire.sendall(b"X\0\0\0\4")  # a polite end, or the server logs a broken connection
                while wire.recv(4096):
                    pass
                return let_in
        except OSError:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _plain_env() -> dict[str, str]:
    """The environment without what would redirect PostgreSQL or change the language of its messages."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
