"""An import whose worker dies in the middle of a slice goes on with the next one: nothing twice, nothing lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.ops.running import until
from tests.ops.whole_desk import Desk, beside, ready_desk

pytestmark = pytest.mark.faults

LINES = 4000
ENDED = "worker ended (SIGKILL)"
_BEGIN = """
from pathlib import Path
from core.clock import now
from customers.policies.columns import ImportKind
from customers.services import importing
from staff.actor import Actor
from staff.roles import Role

by = Actor(key="test", role=Role.ADMIN)
run = importing.take(Path({path!r}).read_bytes(), filename="clients.csv", kind=ImportKind("accounts"), by=by)
importing.begin_reading(run, mapping=["login", "kind", "name"], by=by, applies_at_once=True)
"""
_BLOCKED = """
    SELECT count(*) FROM pg_locks AS waits JOIN pg_class AS of ON of.oid = waits.relation
     WHERE NOT waits.granted AND of.relname = %s"""


def test_killed_while_it_reads_and_while_it_applies_it_ends_as_if_it_never_was(tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    rows = (f"import{n};person;Client {n}" for n in range(LINES))
    file.write_text("\n".join(["login;kind;name", *rows, "import0;person;Again", "bad;fish;Bad"]) + "\n")
    with ready_desk(tmp_path / "data") as desk:
        with beside(desk, "shell", "-c", _BEGIN.format(path=str(file))) as command:
            assert command.wait() == 0, command.text
        killed_in_a_slice(desk, "read_lines", writes_to="customers_importkey")
        killed_in_a_slice(desk, "applied", writes_to="customers_importline")
        until(lambda: state(desk) in {"done", "failed"}, 120, explain=lambda: (state(desk), desk.running.text))
        ended = desk.ask("SELECT state, created, duplicate, bad, applied, failure FROM customers_importrun")
        assert ended == [("done", LINES, 1, 1, LINES, "")]
        on_file = "SELECT count(*), count(DISTINCT login) FROM customers_account WHERE starts_with(login, 'import')"
        assert desk.ask(on_file) == [(LINES, LINES)]
        assert desk.ask("SELECT count(*) FROM customers_importline WHERE is_applied") == [(LINES,)]
        told = "SELECT type, count(*) FROM events_event WHERE type IN ({}) GROUP BY type ORDER BY type"
        assert desk.ask(told.format("'AccountImported', 'ImportBegun', 'ImportEnded'")) == [
            ("AccountImported", LINES),
            ("ImportBegun", 1),
            ("ImportEnded", 1),
        ]


def killed_in_a_slice(desk: Desk, progress: str, *, writes_to: str) -> None:
    """Some slices are over; the next has done all but its last writing when every process of the worker dies."""
    until(lambda: value(desk, progress) > 0, 60, explain=lambda: (state(desk), desk.running.text))
    with locked(desk, writes_to):
        until(lambda: desk.ask(_BLOCKED, writes_to) != [(0,)], explain=lambda: (state(desk), desk.running.text))
        assert value(desk, progress) < LINES
        workers = [pid for pid, name in desk.running.everyone().items() if name == "hd-worker"]
        before = desk.running.text.count(ENDED)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        until(lambda: desk.running.text.count(ENDED) > before, 60, explain=lambda: desk.running.text)


@contextmanager
def locked(desk: Desk, table: str) -> Iterator[None]:
    """Nobody writes into this table meanwhile; whoever is at it ends first."""
    connection = psycopg2.connect(desk.env["DATABASE_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        connection.close()


def state(desk: Desk) -> str:
    return str(desk.ask("SELECT state FROM customers_importrun")[0][0])


def value(desk: Desk, column: str) -> int:
    return int(desk.ask(f"SELECT {column} FROM customers_importrun")[0][0])
