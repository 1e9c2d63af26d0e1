"""Pages measured in turn, so that what else the machine does falls on all of them alike."""

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import zlib
from pathlib import Path

from calib import calibration
from desk import ROOT, free_port

SIGN_IN = """
from django.test import Client
from users.models import User
client = Client()
user = User.objects.get(login={login!r})
client.force_login(user, backend="users.backends.LoginBackend")
session = client.session
session["realm"] = "desk"
session["_auth_user_backend"] = {backend!r}
session.save()
print(session.session_key)
"""
STATEMENTS = """
import json
from django.conf import settings
from django.db import connection
from django.test import Client
client = Client()
client.cookies[settings.SESSION_COOKIE_NAME] = {session!r}
for path in {paths!r}:
    client.get(path, headers={{"host": "localhost"}})
    sql = []
    def note(execute, statement, parameters, many, context):
        with connection.connection.cursor() as cursor:
            sql.append(cursor.mogrify(statement, parameters).decode())
        return execute(statement, parameters, many, context)
    with connection.execute_wrapper(note):
        assert client.get(path, headers={{"host": "localhost"}}).status_code == 200, path
    print(json.dumps(sql))
"""


class Page:
    """One address of one server, asked as a browser does."""

    def __init__(self, name, port, path, cookie):
        self.name, self.port, self.path = name, port, path
        self.headers = {
            "Cookie": cookie,
            "Accept-Encoding": "gzip, deflate, br",
            "Accept-Language": "ru",
            "Host": "localhost",
        }
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.rounds = []

    def get(self):
        self.connection.request("GET", self.path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {answer.status} for {self.path}")
        self.sent = len(body)
        self.text = zlib.decompress(body, 47) if answer.headers.get("Content-Encoding") == "gzip" else body
        return self.text.decode()

    def round(self, times):
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            self.get()
            taken.append((time.perf_counter() - began) * 1000)
        self.rounds.append(taken)

    @property
    def all(self):
        return sorted(t for taken in self.rounds for t in taken)

    def over(self, other):
        """The ratio of medians, round by round: what disturbed one round disturbed both."""
        return statistics.median(statistics.median(a) / statistics.median(b) for a, b in zip(self.rounds, other.rounds))


def in_turn(things, *, rounds=15, times=20):
    for thing in things:
        thing.round(5)
    for thing in things:
        thing.rounds.clear()
    for _ in range(rounds):
        for thing in things:
            thing.round(times)


class Statement:
    """SQL by itself, on a connection of its own."""

    def __init__(self, name, desk, *sql):
        self.name, self.desk, self.sql, self.rounds = name, desk, sql, []

    def round(self, times):
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            for statement in self.sql:
                self.desk.sql(statement)
            taken.append((time.perf_counter() - began) * 1000)
        self.rounds.append(taken)

    all, over = Page.all, Page.over


def session(desk, login, backend="users.backends.LoginBackend"):
    return desk.django(SIGN_IN.format(login=login, backend=backend)).split()[-1]


def statements(desk, key, *paths):
    """The SQL that each page sends, sign-in included."""
    printed = desk.django(STATEMENTS.format(session=key, paths=paths))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("[")]


@contextlib.contextmanager
def floor(desk):
    """The floor application on this desk's database: the port and a cookie."""
    port, told = free_port(), json.loads((desk.folder / "up.json").read_text())
    process = subprocess.Popen(
        [sys.executable, str(Path(ROOT) / "bench" / "floor.py"), str(port)], env={**os.environ, **told}
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                break
            time.sleep(0.05)
        yield port, "sessionid=" + session(desk, "bench1", "django.contrib.auth.backends.ModelBackend")
    finally:
        process.terminate()
        process.wait()


def table(things, base):
    print(f"{calibration()}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':58} {'p50 ms':>8} {'p95 ms':>8} {'x base':>7}   KiB (sent)")
    for thing in things:
        every = thing.all
        size = f"{len(thing.text) / 1024:8.0f} ({thing.sent / 1024:.1f})" if isinstance(thing, Page) else ""
        print(
            f"{thing.name:58} {every[len(every) // 2]:8.2f} {every[int(len(every) * 0.95)]:8.2f} {thing.over(base):7.2f} {size}"
        )
