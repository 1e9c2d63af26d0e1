"""A whole desk as its operator starts it, seen from outside: its doors, its pages, its tables."""

import atexit
import contextlib
import functools
import json
import random
import re
import shutil
import smtplib
import socket
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import make_msgid
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg2
from websockets.sync.client import ClientConnection, connect

from tests.ops.running import ROOT, Running, start, until

SUPPORT = "support@example.com"
KIM = "kim@bare.example"  # a stranger; some letters of the demo are from others of that domain
LEE = "lee@bare.example"


def ports() -> dict[str, str]:
    """Three ports in a row that are free now.

    Below the range from which systems take the near ends of connections (32768 here, 49152 by RFC 6335): a port
    from there may be somebody's near end by the time the desk opens it, or after it was closed for a while.
    """
    while True:
        first = random.randrange(10_000, 32_000)
        try:
            with contextlib.ExitStack() as held:
                for port in range(first, first + 3):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
        except OSError:
            continue
        return {
            "HELPDESK_HTTP_PORT": str(first),
            "HELPDESK_SMTP_PORT": str(first + 1),
            "HELPDESK_DEMO_MAILBOX_PORT": str(first + 2),
        }


def up(data_dir: Path, *, inside: Sequence[str] = (), **env: str):
    """`manage.py up`; `inside` is a command that runs another, such as unshare."""
    env = {**ports(), "HELPDESK_DATA_DIR": str(data_dir), **env}
    return start(*inside, sys.executable, "manage.py", "up", env=env, cwd=ROOT)


def command(data_dir: Path, *words: str, **env: str):
    return start(sys.executable, "manage.py", *words, env={"HELPDESK_DATA_DIR": str(data_dir), **env}, cwd=ROOT)


def beside(desk: "Desk", *words: str):
    """A command on the data of a running desk."""
    env = {"HELPDESK_DATA_DIR": str(desk.data_dir)}
    return start(sys.executable, "manage.py", *words, env=env, cwd=ROOT, beside_a_desk=True)


def address_in(text: str) -> str:
    return re.search(r"Helpdesk\s+(http://\S+)/", text)[1]


@dataclass
class Desk:
    """A desk that is ready, with the settings it chose."""

    running: Running
    env: Mapping[str, str]

    @property
    def data_dir(self) -> Path:
        return Path(re.search(r"\bData +(/.+)", self.running.text)[1])

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.env['HELPDESK_HTTP_PORT']}"

    @property
    def smtp_port(self) -> int:
        return int(self.env["HELPDESK_SMTP_PORT"])

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a statement run in the desk's own database."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def execute(self, statement: str) -> None:
        """What only an owner of the database does, such as taking a table away for a while."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def end_leases(self) -> None:
        """The two minutes pass for which a dead process may still seem to be at work."""
        for table, state in (("events_delivery", "leased"), ("channels_app_rawmessage", "parsing")):
            self.execute(f"UPDATE {table} SET leased_until = now() - interval '1 second' WHERE state = '{state}'")

    def page(self, path: str) -> tuple[int, str]:
        return Visitor(self).get(path)

    def write(self, subject: str, *, sender: str = KIM, seconds: float = 20, **headers: str) -> tuple[int, float]:
        """Hands a mail in by SMTP. Returns the answer to it, and how long the whole dialogue took."""
        began = time.monotonic()
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "sender.example", timeout=seconds) as smtp:
            smtp.ehlo()
            for code, words in (smtp.mail(sender), smtp.rcpt(SUPPORT)):
                if code != 250:
                    return code, time.monotonic() - began
                assert words
            code, _ = smtp.data(letter(subject, sender=sender, **headers))
        return code, time.monotonic() - began

    def tickets(self, subject: str) -> int:
        return int(self.ask("SELECT count(*) FROM tickets_ticket WHERE subject = %s", subject)[0][0])

    def wait_for_ticket(self, subject: str, seconds: float = 30) -> None:
        until(lambda: self.tickets(subject), seconds, lambda: f"no ticket {subject!r}\n{self.running.text}")
        assert self.tickets(subject) == 1


class Visitor:
    """A browser without scripts: it keeps cookies and fills in forms."""

    def __init__(self, desk: Desk) -> None:
        self.site = desk.site
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.opener.addheaders = [("Accept-Language", "en")]

    def get(self, path: str) -> tuple[int, str]:
        with self.opener.open(self.site + path, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def fill_in(self, page: str, path: str, **fields: str) -> str:
        """Posts a form that stands on `page` and returns the page it leads to."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        content = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(self.site + path, content, timeout=10) as answer:
            return answer.read().decode()

    def sign_in(self, email: str = "agent1@staff.example", password: str = "demo-helpdesk") -> None:
        page = self.fill_in(self.get("/desk/login/")[1], "/desk/login/", login=email, password=password)
        assert "/desk/logout/" in page, page

    def socket(self) -> ClientConnection:
        """The websocket of an open page; the caller closes it."""
        kept = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        address = self.site.replace("http://", "ws://") + "/ws/desk/"
        return connect(address, origin=self.site, additional_headers={"Cookie": kept})


def letter(subject: str, *, sender: str = KIM, **headers: str) -> bytes:
    lines = [f"From: {sender}", f"To: {SUPPORT}", f"Subject: {subject}", "Date: Mon, 23 Nov 2026 11:59:00 +0000"]
    lines += [f"Message-ID: {make_msgid(domain='bare.example')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", "My site is down.", ""]).encode()


@contextmanager
def ready_desk(data_dir: Path, *, inside: Sequence[str] = (), **env: str) -> Iterator[Desk]:
    """`manage.py up` from its readiness until the end of the block."""
    with up(data_dir, inside=inside, **env) as running:
        running.wait_for("Ready after")
        as_it_sees = Path(f"/proc/{running.process.pid}/root")
        chosen = json.loads((as_it_sees / data_dir.relative_to("/") / "up.json").read_text())
        desk = Desk(running, {**env, **chosen})
        until(lambda: _listens(desk.smtp_port), explain=lambda: running.text)
        yield desk


def seeded(data_dir: Path) -> Path:
    """`data_dir` as a first start leaves it, for stories that begin after one: a start from here is a warm one."""
    shutil.copytree(_first_start(), data_dir, dirs_exist_ok=True)
    return data_dir


@functools.cache
def _first_start() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="first-start-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with up(folder) as desk:
        desk.wait_for("Ready after", seconds=110)
        desk.interrupt()
        assert desk.wait() == 0, desk.text
    return folder


_AT_WORK = """
    SELECT (SELECT count(*) FROM channels_app_rawmessage WHERE state IN ('received', 'parsing'))
         + (SELECT count(*) FROM events_delivery WHERE state IN ('pending', 'leased') AND due_at <= now()),
           (SELECT count(*) FROM channels_app_rawmessage), (SELECT max(id) FROM events_delivery)"""


def wait_for_silence(*desks: Desk) -> None:
    """Until nothing is being done anywhere, seen twice so that no mail was on its way between two looks."""

    def look() -> list[tuple[int, ...]]:
        return [desk.ask(_AT_WORK)[0] for desk in desks]

    until(lambda: look() == (seen := look()) and not any(row[0] for row in seen), 60, explain=look)


def _listens(port: int) -> bool:
    with socket.socket() as wire:
        wire.settimeout(2)
        return wire.connect_ex(("127.0.0.1", port)) == 0
