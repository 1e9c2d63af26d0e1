"""A real IMAP server for one test: Dovecot on free ports, in a folder of its own."""

import getpass
import grp
import os
import pwd
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from channels_app.imap_settings import ImapSettings
from channels_app.policies.servers import Security
from core.sealed import Secret
from ops.testing.tools import DOVECOT

USER, PASSWORD = "support@example.com", "secret"
CERTIFICATE = Path(__file__).parent.parent / "fixtures" / "tls" / "localhost.pem"


@dataclass
class Dovecot:
    imap_port: int
    imaps_port: int
    lmtp_port: int
    users: Path

    @property
    def settings(self) -> ImapSettings:
        return ImapSettings("127.0.0.1", self.imap_port, Security.NONE, USER, Secret(PASSWORD))

    def change_password(self, password: str) -> None:
        """Of the next sign-in. Dovecot looks at the time of the file, which must differ by a second."""
        name, _, rest = self.users.read_text().partition(":")
        self.users.write_text(f"{name}:{{PLAIN}}{password}:{rest.partition(':')[2]}")
        later = self.users.stat().st_mtime + 2
        os.utime(self.users, (later, later))

    def deliver(self, raw: bytes) -> None:
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=20) as lmtp:
            lmtp.sendmail("sam@bare.example", [USER], raw)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Dovecot]:
    server = Dovecot(free_port(), free_port(), free_port(), folder / "users")
    is_root = os.geteuid() == 0
    me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    # Mail belongs to an ordinary user: Dovecot opens no mailbox for root.
    owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
    mail = folder / "mail"
    mail.mkdir()
    folder.chmod(0o755)
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    server.users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{mail}::\n")
    (folder / "dovecot.conf").write_text(
        _CONFIG.format(
            folder=folder,
            imap=server.imap_port,
            imaps=server.imaps_port,
            certificate=CERTIFICATE,
            lmtp=server.lmtp_port,
            internal="dovecot" if is_root else me,
            group="dovecot" if is_root else group,
            login="dovenull" if is_root else me,
            lmtp_user="" if is_root else f"user = {me}",
        )
    )
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [DOVECOT.find(), "-F", "-c", str(folder / "dovecot.conf")], stdout=log, stderr=log, start_new_session=True
    )
    try:
        for port in (server.imap_port, server.imaps_port, server.lmtp_port):
            _wait_for(port, process, folder / "log")
        yield server
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.05)


_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
protocols = imap lmtp
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  {lmtp_user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
"""
