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
    connection.close()
    sql = []
    def note(execute, statement, parameters, many, context):
        with connection.connection.cursor() as cursor:
            sql.append(cursor.mogrify(statement, parameters).decode())
        return execute(statement, parameters, many, context)
    with connection.execute_wrapper(note):
        client.get(path, headers={{"host": "localhost"}})
        prepared, sql = [one for one in sql if one.startswith("PREPARE")], []
        assert client.get(path, headers={{"host": "localhost"}}).status_code == 200, path
    print(json.dumps([prepared, sql]))
"""


class Server:
    """A process that serves HTTP on a port, until the end of the `with`."""

    def __init__(self, command, port, env):
        self.command, self.port, self.env = command, port, env

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.env, cwd=ROOT, stderr=subprocess.DEVNULL)
        for _ in range(400):
            with contextlib.suppress(OSError):
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=1).connect()
                return self
            time.sleep(0.05)
        raise SystemExit(f"{self.command} does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu_ms(self):
        spent = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(spent[11]) + int(spent[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def web(desk):
    """One process of the desk's web role beside those of `up`, to know its CPU time."""
    port = free_port()
    return Server([sys.executable, "manage.py", "run", "web"], port, {**desk.env, "HELPDESK_HTTP_PORT": str(port)})


def floor(desk):
    """The floor application on this desk's database."""
    port, told = free_port(), json.loads((desk.folder / "up.json").read_text())
    return Server([sys.executable, "bench/floor.py", str(port)], port, {**os.environ, **told})


class Page:
    """One address of one server, asked as a browser does."""

    def __init__(self, name, server, path, cookie):
        self.name, self.server, self.path = name, server, path
        self.headers = {
            "Cookie": cookie,
            "Accept-Encoding": "gzip, deflate, br",
            "Accept-Language": "ru",
            "Host": "localhost",
        }
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self.rounds, self.cpu = [], []

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
        self.connection.close()  # the server has hung up if other rounds took long
        self.get()
        taken, before = [], self.server.cpu_ms()
        for _ in range(times):
            began = time.perf_counter()
            self.get()
            taken.append((time.perf_counter() - began) * 1000)
        self.rounds.append(taken)
        self.cpu.append((self.server.cpu_ms() - before) / times)

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
        thing.cpu.clear()
    for _ in range(rounds):
        for thing in things:
            thing.round(times)


class Statement:
    """SQL by itself, on a connection of its own. What is `prepared` once for many pages does not count."""

    def __init__(self, name, desk, *sql, prepared=()):
        self.name, self.desk, self.sql, self.prepared, self.rounds, self.cpu = name, desk, sql, prepared, [], []

    def round(self, times):
        taken = []
        for statement in ("DEALLOCATE ALL", *self.prepared):
            self.desk.sql(statement)
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
    """For each page what it prepared when the connection was new, and the SQL that it sends, sign-in included."""
    printed = desk.django(STATEMENTS.format(session=key, paths=paths))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("[")]


def floor_session(desk, login):
    return "sessionid=" + session(desk, login, "django.contrib.auth.backends.ModelBackend")


def table(things, base):
    print(f"{calibration()}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':58} {'p50 ms':>8} {'p95 ms':>8} {'x base':>7} {'CPU ms':>7} {'x base':>7}   KiB (sent)")
    for thing in things:
        every, more = thing.all, ""
        if isinstance(thing, Page):
            cpu, base_cpu = statistics.mean(thing.cpu), statistics.mean(base.cpu)
            more = f" {cpu:7.2f} {cpu / base_cpu:7.2f} {len(thing.text) / 1024:8.0f} ({thing.sent / 1024:.1f})"
        print(
            f"{thing.name:58} {every[len(every) // 2]:8.2f} {every[int(len(every) * 0.95)]:8.2f} {thing.over(base):7.2f}{more}"
        )
