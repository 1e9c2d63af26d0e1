"""A real mail server as sender for one test: Exim with a queue of its own, without any right but ours."""

import grp
import os
import pwd
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.testing.tools import EXIM
from tests.channels_app.dovecot import free_port


@dataclass
class Exim:
    port: int
    folder: Path
    owner: pwd.struct_passwd

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hands a mail in; once Exim has said yes, it is Exim's to keep."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            smtp.sendmail(sender, [recipient], mail)

    def queue(self) -> list[str]:
        """The ids of the mails it still keeps."""
        done = subprocess.run(self.command("-bpr"), capture_output=True, text=True, check=True, **self.identity)
        return [line.split()[2] for line in done.stdout.splitlines() if "<" in line]

    @property
    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted((self.folder / "log").glob("*")))

    @property
    def config(self) -> Path:
        return self.folder / "exim.conf"

    @property
    def identity(self) -> dict[str, Any]:
        is_other = self.owner.pw_uid != os.geteuid()
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []} if is_other else {}

    def command(self, *arguments: str) -> list[str]:
        return [EXIM.find(), "-C", str(self.config), *arguments]


@contextmanager
def running(*, next_port: int) -> Iterator[Exim]:
    """An Exim that passes everything on to `next_port` of this machine and asks again every second."""
    # Exim delivers nothing as root; whoever else it is needs a folder that he can reach.
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    with tempfile.TemporaryDirectory(prefix="exim-") as name:
        exim = Exim(free_port(), Path(name), owner)
        for folder in (exim.folder, exim.folder / "spool", exim.folder / "log"):
            folder.mkdir(exist_ok=True)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        group = grp.getgrgid(owner.pw_gid).gr_name
        exim.config.write_text(
            _CONFIG.format(folder=name, port=exim.port, next_port=next_port, user=owner.pw_name, group=group)
        )
        with (exim.folder / "output").open("wb") as output:
            process = subprocess.Popen(
                exim.command("-bdf", "-q1s"), stdout=output, stderr=output, start_new_session=True, **exim.identity
            )
            try:
                _wait_until_it_listens(exim, process)
                yield exim
            finally:
                process.terminate()
                process.wait(20)


def _wait_until_it_listens(exim: Exim, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            smtplib.SMTP("127.0.0.1", exim.port, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError((exim.folder / "output").read_text() + exim.log) from None
            time.sleep(0.05)


_CONFIG = """
exim_user = {user}
exim_group = {group}
never_users =
deliver_drop_privilege = true
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
primary_hostname = sender.example
domainlist local_domains =
acl_smtp_rcpt = accept
acl_smtp_data = accept
tls_advertise_hosts =
queue_run_max = 2
keep_environment =
begin acl
accept:
  accept
begin routers
everything:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = onwards
begin transports
onwards:
  driver = smtp
  port = {next_port}
  allow_localhost
  hosts_try_fastopen =
begin retry
* * F,10m,1s
"""
