"""A backup of a working desk, and the desk that comes out of it on another machine."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from core.clock import now
from events.chain import Link, first_break
from ops import embedded
from ops.backups import manifest
from ops.testing.needs import lacks
from tests.faults.conftest import loop, outlet, sink  # noqa: F401 - fixtures, found by their names
from tests.ops.running import start, until
from tests.ops.whole_desk import KIM, LEE, Desk, Visitor, beside, command, ready_desk, seeded, wait_for_silence

ROWS = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
# Sessions end; a backup writes itself down when it is whole; the rest is about the running desk.
NOT_THE_SAME = {"django_session", "users_signedin", "ops_backup", "events_book", "events_heartbeat"}
SEVERAL_KIB = "\r\n ".join(["x" * 900] * 1500)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk with mail large and small, files, an answer, and people signed in."""
    with ready_desk(seeded(tmp_path_factory.mktemp("desk"))) as desk:
        desk.write("A small one")
        desk.write("A large one", sender=LEE, X_Padding=SEVERAL_KIB)
        desk.wait_for_ticket("A large one")
        agent = Visitor(desk)
        agent.sign_in()
        wait_for_silence(desk)
        until(lambda: not desk.ask("SELECT 1 FROM tickets_counterdelta"))  # the relay has folded them
        yield desk


@pytest.fixture(scope="module")
def backup(desk, tmp_path_factory) -> Path:
    return made(desk, tmp_path_factory.mktemp("backups"))


@pytest.fixture
def copy(backup, tmp_path) -> Path:
    """The same backup, to be spoiled."""
    return Path(shutil.copytree(backup, tmp_path / "copy"))


def made(desk: Desk, folder: Path, *words: str) -> Path:
    with beside(desk, "backup", str(folder), *words) as running:
        assert running.wait() == 0, running.text
        return Path(re.search(r"backup is whole: (\S+)", running.text)[1])


def restored(data_dir: Path, backup: Path, *words: str, **env: str) -> str:
    with command(data_dir, "restore", str(backup), *words, **env) as running:
        assert running.wait(60) == 0, running.text
        return running.text


def refused(data_dir: Path, backup: Path, *words: str, **env: str) -> str:
    with command(data_dir, "restore", str(backup), *words, **env) as running:
        assert running.wait(60) == 1, running.text
        assert "nothing was restored" in running.text
        return running.text


@contextlib.contextmanager
def database_of(data_dir: Path):
    """A cursor in the database of a desk that does not run."""
    servers = embedded.start(data_dir, environ={"REDIS_URL": "none"})
    connection = psycopg2.connect(servers.env["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
        servers.stop()


def contents(ask) -> dict[str, tuple[int, str]]:
    tables = [row[0] for row in ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {table: ask(ROWS.format(table))[0] for table in sorted(tables) if table not in NOT_THE_SAME}


def test_the_restored_desk_has_the_same_books_and_goes_on(desk, backup, tmp_path):
    before = contents(desk.ask)
    text = restored(tmp_path, backup)
    assert "1 files" in text
    assert "books, recounted in full: all green" in text
    with database_of(tmp_path) as cursor:

        def ask(statement: str) -> list[tuple]:
            cursor.execute(statement)
            return cursor.fetchall()

        assert contents(ask) == before
        assert before["tickets_ticket"][0] > 5
        assert ask("SELECT count(*) FROM django_session") == [(0,)]
        assert broken_journals(ask) == []
        for (digest,) in ask("SELECT digest FROM channels_app_rawmessage WHERE content IS NULL"):
            kept = tmp_path / manifest.path_of(digest)
            assert hashlib.sha256(kept.read_bytes()).hexdigest() == digest
        ((issued, place),) = ask(
            "SELECT (SELECT count(*) FROM tickets_issuednumber), last_value FROM tickets_number_seq"
        )
        assert place == issued + 1_000_000
    for name in ("secret-key", "dkim/example.com.pem"):
        assert (tmp_path / name).read_bytes() == (desk.data_dir / name).read_bytes()
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600

    known = set(desk.ask("SELECT number FROM tickets_issuednumber"))
    with ready_desk(tmp_path) as other:
        assert other.write("After the restore")[0] == 250
        other.wait_for_ticket("After the restore")
        ((number, place),) = other.ask(
            "SELECT number, (SELECT last_value FROM tickets_number_seq) FROM tickets_ticket WHERE subject = %s",
            "After the restore",
        )
        assert (number,) not in known
        assert place > 1_000_000
        agent = Visitor(other)
        agent.sign_in()
        ((number,),) = other.ask("SELECT number FROM tickets_ticket WHERE subject = 'A large one'")
        assert "A large one" in agent.get(f"/desk/tickets/{number}/")[1]


def broken_journals(ask) -> list[str]:
    journals: dict[str, list[Link]] = {}
    for row in ask(
        "SELECT stream, sequence, type, at, actor, payload_digest, digest FROM events_event ORDER BY stream, sequence"
    ):
        journals.setdefault(row[0], []).append(Link(*row[:5], bytes(row[5]), bytes(row[6])))
    assert journals
    return [stream for stream, links in journals.items() if first_break(links) is not None]


def test_a_backup_is_for_nobody_else_to_read_and_says_what_it_is(backup):
    assert {stat.S_IMODE(path.stat().st_mode) for path in [backup, *backup.rglob("*")]} <= {0o600, 0o700}
    told = manifest.read(backup)
    assert told.tables["tickets_ticket"] > 5
    assert told.blob_count == 1
    assert "SECRET_KEY=" in (backup / manifest.SETTINGS).read_text()


def test_while_mail_arrives_every_row_of_a_backup_has_its_file_and_its_neighbours(desk, tmp_path):
    with contextlib.ExitStack() as stack:
        sender = stack.enter_context(
            start(
                "sh", "-c", f'while "$0" -c "$1" {desk.smtp_port}; do :; done', shutil.which("python3"), WRITE_LARGE,
                env={"HELPDESK_DATA_DIR": str(tmp_path)},
            )
        )  # fmt: skip
        seen = desk.ask(HOW_MANY)[0][0]
        until(
            lambda: desk.ask("SELECT count(*) FROM channels_app_rawmessage")[0][0] > seen + 2,
            explain=lambda: sender.text,
        )
        folder = made(desk, tmp_path / "backups")
    wait_for_silence(desk)
    restored(tmp_path / "other", folder)
    with database_of(tmp_path / "other") as cursor:
        cursor.execute("SELECT digest FROM channels_app_rawmessage WHERE content IS NULL")
        digests = [row[0] for row in cursor.fetchall()]
        assert len(digests) > 2
        assert all((tmp_path / "other" / manifest.path_of(digest)).is_file() for digest in digests)
        cursor.execute(
            "SELECT count(*) FROM channels_app_rawmessage r WHERE state = 'filed'"
            " AND NOT EXISTS (SELECT 1 FROM tickets_message m WHERE m.id = r.message_id)"
        )
        assert cursor.fetchone() == (0,)


HOW_MANY = "SELECT count(*) FROM channels_app_rawmessage"
WRITE_LARGE = """
import smtplib, sys, uuid
mark = uuid.uuid4().hex
head = f"From: kim@bare.example\\r\\nSubject: {mark}\\r\\nMessage-ID: <{mark}@bare.example>\\r\\n\\r\\n"
door = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "sender.example")
door.sendmail("kim@bare.example", ["support@example.com"], head + (mark * 30 + "\\r\\n") * 1200)
"""


TRIED_IN_VAIN = """
    SELECT 1 FROM events_delivery d JOIN tickets_outboundcopy c ON c.id::text = d.key
     WHERE d.state = 'pending' AND d.attempts > 0 AND c.email = %s"""


def test_a_letter_that_may_have_left_after_the_backup_is_shown_and_not_sent_again(tmp_path, outlet):  # noqa: F811 - the fixture above
    with ready_desk(seeded(tmp_path / "desk"), EMAIL_URL="smtp://127.0.0.1:9") as desk:
        desk.write("Queued at the time")
        desk.wait_for_ticket("Queued at the time")
        until(lambda: desk.ask(TRIED_IN_VAIN, KIM), explain=lambda: desk.running.text)
        folder = made(desk, tmp_path / "backups")
    text = restored(tmp_path / "other", folder)
    letters = int(re.search(r"(\d+) letters may have left", text)[1])
    with ready_desk(tmp_path / "other", EMAIL_URL=outlet.url) as desk:
        copies = desk.ask("SELECT status, code FROM tickets_outboundcopy WHERE status <> 'sent'")
        assert copies == [("uncertain", "restored")] * letters
        assert letters
        desk.write("After the restore", sender=LEE)
        until(lambda: outlet.to(LEE), 60, explain=lambda: desk.running.text)
        assert outlet.to(KIM) == []
        agent = Visitor(desk)
        agent.sign_in()
        ((number,),) = desk.ask("SELECT number FROM tickets_ticket WHERE subject = 'Queued at the time'")
        assert "тем временем система была восстановлена" in agent.get(f"/desk/tickets/{number}/")[1]


def test_old_backups_go_when_so_many_are_kept(desk, tmp_path):
    for name in ("helpdesk-20260101T000000Z", "helpdesk-20260102T000000Z", "something-else"):
        (tmp_path / name).mkdir()
    folder = made(desk, tmp_path, "--keep=2")
    assert {path.name for path in tmp_path.iterdir()} == {
        ".lock", "helpdesk-20260102T000000Z", "something-else", folder.name,
    }  # fmt: skip


# What may go wrong while one is made


@pytest.fixture
def blocked(desk):
    """A desk one of whose tables nobody can read for a while, so that a backup stands still in its middle."""
    connection = psycopg2.connect(desk.env["DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE tickets_draft IN ACCESS EXCLUSIVE MODE")
    yield connection
    connection.close()


@contextlib.contextmanager
def stuck_backup(desk: Desk, folder: Path):
    waiting = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'"
    with beside(desk, "backup", str(folder)) as running:
        until(lambda: desk.ask(waiting), explain=lambda: running.text)
        yield running


def test_killed_in_the_middle_it_leaves_nothing_that_looks_whole_and_the_next_one_cleans_up(desk, blocked, tmp_path):
    with stuck_backup(desk, tmp_path) as running:
        running.process.kill()
        running.process.wait()
        until(lambda: not running.everyone(), explain=running.everyone)
    assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    (part,) = tmp_path.glob(".helpdesk-*.part")
    with pytest.raises(manifest.NotWhole):
        manifest.read(part)
    blocked.rollback()
    folder = made(desk, tmp_path)
    assert set(tmp_path.iterdir()) == {folder, tmp_path / ".lock"}


def test_interrupted_it_takes_away_what_it_began(desk, blocked, tmp_path):
    with stuck_backup(desk, tmp_path) as running:
        with beside(desk, "backup", str(tmp_path)) as second:
            assert second.wait() == 1
            assert "another backup is being written" in second.text
        running.process.send_signal(signal.SIGTERM)
        assert running.wait() == 1
        assert "interrupted" in running.text
        assert "Traceback" not in running.text
    assert list(tmp_path.iterdir()) == [tmp_path / ".lock"]


SMALL_DISK = (
    "unshare",
    "-Urm",
    "sh",
    "-c",
    'mount -t tmpfs -o size=96k none "$0" && { "$@"; echo "code $?"; ls -A "$0"; }',
)


def test_on_a_full_disk_it_says_so_and_leaves_nothing(desk, tmp_path, request):
    if subprocess.run([*SMALL_DISK[:2], "true"], capture_output=True).returncode:
        lacks(request.config, "user namespaces are forbidden here")
    backup = (shutil.which("python3"), "manage.py", "backup", tmp_path)
    env = {"HELPDESK_DATA_DIR": str(desk.data_dir)}
    with start(*SMALL_DISK, tmp_path, *backup, env=env, beside_a_desk=True) as running:
        assert running.wait() == 0, running.text
        assert "No space left on device" in running.text
        assert "Traceback" not in running.text
        assert running.text.endswith("code 1\n.lock"), running.text


def test_a_broken_file_of_the_desk_does_not_stop_it_but_is_told(desk, tmp_path):
    (blob, *_) = [path for path in (desk.data_dir / "blobs").rglob("*") if path.is_file()]
    whole = blob.read_bytes()
    blob.write_bytes(whole[:-1] + b"?")
    try:
        folder = made(desk, tmp_path)
    finally:
        blob.write_bytes(whole)
    assert manifest.read(folder).damaged == [blob.name]
    assert f"1 files are lost: {blob.name}" in restored(tmp_path / "other", folder)


# What may go wrong when one is restored


@pytest.fixture
def target():
    """The address of an empty database on the server of the tests, for a desk elsewhere; and a way to look into it."""
    server = os.environ["DATABASE_URL"]
    admin = psycopg2.connect(server)
    admin.autocommit = True
    name = f"restore_{now():%H%M%S%f}"
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield Target(re.sub(r"^(\w+://[^/]*)/[^?]*", rf"\1/{name}", server), name, cursor)
        for left in (name, f"{name}_restoring", f"{name}_before_restore"):
            cursor.execute(f"DROP DATABASE IF EXISTS {left}")
    admin.close()


class Target:
    def __init__(self, url: str, name: str, cursor) -> None:
        self.name, self.cursor = name, cursor
        self.url = url
        self.env = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:9", "HELPDESK_DEMO": "1"}

    def tables(self) -> int:
        connection = psycopg2.connect(self.url)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
                return int(cursor.fetchone()[0])
        finally:
            connection.close()

    def databases(self) -> set[str]:
        self.cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{self.name}%"])
        return {row[0].removeprefix(self.name) for row in self.cursor.fetchall()}


def reseal(folder: Path, **changes: object) -> None:
    told = manifest.read(folder)
    (folder / manifest.NAME).write_bytes(replace(told, **changes).as_text())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])


SPOILED = {
    "a truncated dump": (lambda folder: cut(folder / manifest.DATABASE), "database.dump is damaged"),
    "a dump that lost a bit": (lambda folder: flip(folder / manifest.DATABASE), "database.dump is damaged"),
    "no dump": (lambda folder: (folder / manifest.DATABASE).unlink(), "database.dump is missing"),
    "a key that lost a bit": (lambda folder: flip(folder / "keys/dkim/example.com.pem"), "example.com.pem is damaged"),
    "a truncated manifest": (lambda folder: cut(folder / manifest.NAME), "manifest.json is damaged"),
    "a changed manifest": (
        lambda folder: (folder / manifest.NAME).write_text(
            (folder / manifest.NAME).read_text().replace('"is_demo": true', '"is_demo": false')
        ),
        "manifest.json is damaged",
    ),
    "no manifest": (lambda folder: (folder / manifest.NAME).unlink(), "is no backup"),
    "an attachment that lost a bit": (
        lambda folder: flip(next(path for path in (folder / "blobs").rglob("*") if path.is_file())),
        "1 files",
    ),
    "a newer version": (
        lambda folder: reseal(folder, migrations=[["tickets", "9999_from_the_future"]], version="9.0"),
        "version 9.0, newer than this one: it has tickets.9999_from_the_future",
    ),
    "a newer format": (lambda folder: reseal(folder, format=2), "newer version"),
    "a newer PostgreSQL": (lambda folder: reseal(folder, postgres=99), "from PostgreSQL 99"),
    "a real desk's, into a demo": (lambda folder: reseal(folder, is_demo=False), "HELPDESK_DEMO=0"),
    "rows that are not there": (lambda folder: reseal(folder, tables={"tickets_ticket": 1}), "rows instead of"),
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.values(), ids=SPOILED)
def test_what_is_not_whole_or_does_not_fit_changes_nothing(copy, target, tmp_path, spoil, reason):
    spoil(copy)
    text = refused(tmp_path / "desk", copy, **target.env)
    assert reason in text
    assert "Traceback" not in text
    assert target.tables() == 0
    assert target.databases() == {""}


def test_a_damaged_attachment_can_be_left_out(copy, target, tmp_path):
    flip(next(path for path in (copy / "blobs").rglob("*") if path.is_file()))
    assert "1 files are lost" in restored(tmp_path / "desk", copy, "--accept-damage", **target.env)


def test_a_desk_with_data_is_replaced_only_when_told_and_kept_aside(backup, target, tmp_path):
    restored(tmp_path / "desk", backup, **target.env)
    assert "--replace" in refused(tmp_path / "desk", backup, **target.env)
    assert target.databases() == {""}
    text = restored(tmp_path / "desk", backup, "--replace", **target.env)
    assert f"{target.name}_before_restore" in text
    assert target.databases() == {"", "_before_restore"}
    place = json.loads((backup / manifest.NAME).read_text())["tables"]["tickets_issuednumber"] + 2_000_000
    assert f"from place {place}:" in text  # past those of the desk that was replaced, too


def test_nothing_is_replaced_under_a_running_desk(desk, backup):
    with beside(desk, "restore", str(backup), "--replace") as running:
        assert running.wait() == 1
        assert "nothing was restored: the desk still runs" in running.text


def test_a_failure_in_the_middle_leaves_the_desk_as_it_was(backup, target, tmp_path):
    (tmp_path / "blobs").write_text("in the way of the folder")
    refused(tmp_path, backup, **target.env)
    assert target.tables() == 0
    assert target.databases() == {""}


def test_killed_in_the_middle_it_leaves_the_desk_as_it_was_and_can_be_repeated(backup, target, tmp_path):
    with command(tmp_path / "desk", "restore", str(backup), **target.env) as running:
        until(lambda: "_restoring" in target.databases(), explain=lambda: running.text)
        running.process.kill()
        assert running.wait() == -signal.SIGKILL
        until(lambda: not running.everyone(), explain=running.everyone)
    assert target.tables() == 0
    restored(tmp_path / "desk", backup, **target.env)
    assert target.tables() > 30
    assert target.databases() == {""}
