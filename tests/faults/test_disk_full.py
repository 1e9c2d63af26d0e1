"""A disk that is really full: a file system of the desk's own, made smaller and larger while the desk runs."""

import os
import shutil
import signal
import smtplib
import subprocess
import threading
from pathlib import Path

import pytest

from channels_app.disk import LEAST_FREE_BYTES
from ops.testing.needs import lacks
from tests.ops.running import until
from tests.ops.whole_desk import Desk, ready_desk, wait_for_silence

pytestmark = pytest.mark.faults

ROOMY = 3 * LEAST_FREE_BYTES  # of memory, but only what is written is taken
OWN_DISK = ("unshare", "-Urm", "sh", "-c", f'mount -t tmpfs -o size={ROOMY} none "$0" && exec "$@"')


class Disk:
    def __init__(self, desk: Desk, folder: Path) -> None:
        self.pid, self.folder = desk.running.process.pid, folder

    def used(self) -> int:
        return shutil.disk_usage(f"/proc/{self.pid}/root{self.folder}").used

    def resize(self, size: int) -> None:
        within = ("nsenter", "-t", str(self.pid), "-U", "--preserve-credentials", "-m")
        subprocess.run([*within, "mount", "-o", f"remount,size={size}", str(self.folder)], check=True)


class Sender(threading.Thread):
    """Writes without a pause, every fifth mail a large one, and remembers what it was told."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(daemon=True)
        self.desk = desk
        self.answers: list[tuple[str, int]] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.05):
            subject = f"Mail {len(self.answers)}"
            self.answers.append((subject, self._write(subject, large=len(self.answers) % 5 == 4)))

    def _write(self, subject: str, *, large: bool) -> int:
        padding = {"X-Padding": "\r\n ".join(["x" * 900] * 1500)} if large else {}
        try:
            return self.desk.write(subject, sender=f"{len(self.answers)}@bare.example", **padding)[0]
        except smtplib.SMTPException as trouble:
            return getattr(trouble, "smtp_code", 421)
        except OSError:
            return 421

    def codes(self, since: int = 0) -> set[int]:
        return {code for _, code in self.answers[since:]}


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    if subprocess.run([*OWN_DISK[:2], "true"], capture_output=True).returncode:
        lacks(request.config, "user namespaces are forbidden here")
    return tmp_path


def test_a_full_disk_makes_the_sender_wait_and_loses_nothing(folder: Path) -> None:
    with ready_desk(folder, inside=[*OWN_DISK, str(folder)]) as desk:
        disk, sender = Disk(desk, folder), Sender(desk)
        sender.start()
        try:
            until(lambda: len(sender.answers) > 10, explain=lambda: sender.answers)
            assert sender.codes() == {250}

            disk.resize(disk.used() + 64 * 1024)
            until(lambda: 452 in sender.codes(), 60, explain=lambda: (sender.answers, desk.running.text))
            full_since = len(sender.answers)
            until(lambda: len(sender.answers) > full_since + 10, 60, explain=lambda: sender.answers)
            assert not {code for code in sender.codes(full_since) if not 400 <= code < 500}

            for server in ("postgres", "valkey-server"):
                os.kill(desk.running.pid_of(server), signal.SIGKILL)
            for server in ("postgres", "valkey"):
                desk.running.wait_for(f"{server} ended (SIGKILL)")

            disk.resize(ROOMY)
            roomy_since = len(sender.answers)
            until(lambda: 250 in sender.codes(roomy_since), 60, explain=lambda: (sender.answers, desk.running.text))
        finally:
            sender.done.set()
            sender.join(30)
        desk.end_leases()
        wait_for_silence(desk)
        accepted = {subject for subject, code in sender.answers if code == 250}
        assert sender.codes() <= {250, 421, 451, 452}
        filed = {row[0] for row in desk.ask("SELECT subject FROM tickets_ticket WHERE subject LIKE 'Mail %%'")}
        assert accepted <= filed
