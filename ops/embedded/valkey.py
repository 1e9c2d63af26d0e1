"""A Valkey (Redis protocol) of our own: broker, cache and the sockets' bus, reachable through one private socket."""

import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.embedded.paths import socket_dir, valkey_binary
from ops.embedded.process import end_orphan, spawn


@dataclass
class Valkey:
    """One server with its append-only file in `data_dir`/valkey. `durable` is off only for tests."""

    data_dir: Path
    durable: bool
    name: str = "valkey"
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.binary = valkey_binary()
        self.socket = socket_dir(self.data_dir) / "valkey.sock"
        self.files = self.data_dir / "valkey"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        self.files.mkdir(parents=True, exist_ok=True)

    def start(self, output: int) -> None:
        """Start the server; `output` is the file descriptor its log goes to. Does not wait."""
        pid_file = self.files / "valkey.pid"
        end_orphan(pid_file, programs=("valkey", "redis"), stop_signal=signal.SIGTERM)
        self.socket.unlink(missing_ok=True)
        command: list[str | Path] = [self.binary, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        command += ["--dir", self.files, "--pidfile", pid_file, "--save", "", "--loglevel", "warning"]
        command += ["--maxmemory-policy", "noeviction"]  # a broker must never forget a task to make room
        command += ["--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec"]
        self.process = spawn(command, output=output, stop_signal=signal.SIGTERM)
        pid_file.write_text(str(self.process.pid))

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as wire:
                wire.settimeout(5)
                wire.connect(str(self.socket))
                wire.sendall(b"PING\r\n")
                return wire.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
