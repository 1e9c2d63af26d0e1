"""A desk of its own for one measurement: `manage.py up` in a temporary folder, stopped at the end."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Desk:
    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hd-bench-"))
        self.http, self.smtp = free_port(), free_port()
        self.env = {
            k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HELPDESK_DNS"}
        }
        self.env |= {
            "HELPDESK_DATA_DIR": str(self.folder),
            "HELPDESK_HTTP_PORT": str(self.http),
            "HELPDESK_SMTP_PORT": str(self.smtp),
            "HELPDESK_DEMO_MAILBOX_PORT": str(free_port()),
            "NO_COLOR": "1",
        }
        self.log = self.folder / "up.log"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"],
            env=self.env,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        while "Ready after" not in self.words():
            if self.process.poll() is not None or time.monotonic() - self.began > 120:
                raise SystemExit(self.words())
            time.sleep(0.1)
        self.start_seconds = time.monotonic() - self.began
        where = re.search(r'Unix socket "(.+)/\.s\.PGSQL\.(\d+)"', self.words())
        self.db = psycopg2.connect(host=where[1], port=where[2], user="helpdesk", dbname="helpdesk")
        self.db.autocommit = True
        return self

    def words(self):
        return self.log.read_text(errors="replace")

    def sql(self, query, *args):
        with self.db.cursor() as cursor:
            cursor.execute(query, args[0] if args and isinstance(args[0], dict) else args or None)
            return cursor.fetchall() if cursor.description else None

    def rest(self):
        """Until nothing is due any more: what was asked for in one measurement is not done during the next."""
        due = "SELECT EXISTS(SELECT 1 FROM events_delivery WHERE state IN ('pending', 'leased') AND due_at <= now())"
        while self.sql(due)[0][0]:
            time.sleep(0.1)

    def cursor_text(self, query, *args):
        """The statement with its values written in."""
        with self.db.cursor() as cursor:
            return cursor.mogrify(query, args).decode()

    def django(self, code):
        """Runs `code` with the settings of this desk and gives what it prints."""
        command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", code]
        return subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.db.close()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
