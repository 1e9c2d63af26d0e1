"""`manage.py up` as a person meets it: the whole desk, from outside."""

import shutil
import socket
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from tests.ops.running import ROOT, start, until
from tests.ops.whole_desk import Desk, address_in, beside, command, ports, ready_desk, seeded, up

ROLES = {"hd-web-1", "hd-web-2", "hd-relay", "hd-worker", "hd-beat", "hd-smtp", "hd-imap", "hd-dns", "hd-mailbox"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Seeded once; later starts on it are warm."""
    return tmp_path_factory.mktemp("данные desk")


def test_a_first_start_prints_an_address_that_answers_and_ctrl_c_ends_all(data_dir):
    with up(data_dir) as desk:
        text = desk.wait_for("Ready after", seconds=110)
        with urllib.request.urlopen(address_in(text) + "/healthz") as page:
            assert page.status == 200
        assert "agent1@staff.example" in text
        assert set(desk.everyone().values()) >= ROLES
        desk.interrupt()
        assert desk.wait(30) == 0
        until(lambda: not desk.everyone(), explain=desk.everyone)


def test_a_fresh_copy_speaks_russian_from_its_first_start(tmp_path):
    copy = tmp_path / "helpdesk"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns("*.mo", ".git", ".venv", "var", ".*_cache", "__pycache__")
    )
    (copy / ".venv").symlink_to(ROOT / ".venv")
    env = {**ports(), "HELPDESK_DATA_DIR": str(seeded(tmp_path / "var"))}
    with start(sys.executable, "manage.py", "up", env=env, cwd=copy) as desk:
        address = address_in(desk.wait_for("Ready after", seconds=110))
        for _ in range(4):  # both web processes
            asked = urllib.request.Request(address, headers={"Accept-Language": "ru"})
            with urllib.request.urlopen(asked) as page:
                assert "Как с нами связаться" in page.read().decode()


def test_kill_9_of_the_launcher_leaves_no_orphan_and_the_data(data_dir):
    with up(data_dir) as desk:
        desk.wait_for("Ready after")
        until(lambda: set(desk.everyone().values()) >= ROLES, explain=desk.everyone)
        desk.process.kill()
        until(lambda: not desk.everyone(), seconds=10, explain=desk.everyone)
    with up(data_dir) as desk:
        desk.wait_for("Ready after")


def test_busy_ports_are_avoided_and_the_address_says_so(data_dir):
    taken = ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(taken["HELPDESK_HTTP_PORT"])))
        other.listen()
        with up(data_dir, **taken) as desk:
            text = desk.wait_for("Ready after")
            assert f"port {taken['HELPDESK_HTTP_PORT']} is busy" in text
            assert not address_in(text).endswith(taken["HELPDESK_HTTP_PORT"])


def test_a_demo_refuses_to_listen_to_the_world(data_dir):
    with up(data_dir, HELPDESK_BIND="0.0.0.0") as desk:
        assert desk.wait() == 1
        assert "HELPDESK_BIND" in desk.text


def test_without_a_secret_a_production_start_stops_with_one_line_that_names_it(data_dir):
    with up(data_dir, HELPDESK_DEMO="0") as desk:
        assert desk.wait() != 0
        assert "SECRET_KEY" in desk.text
        assert "Traceback" not in desk.text


WHICH_DATABASE = """
from django.db import connection
connection.ensure_connection()
print("pid", connection.connection.info.backend_pid)
"""


def test_a_command_alone_brings_its_servers_and_takes_them_away(data_dir):
    with command(data_dir, "shell", "-c", WHICH_DATABASE) as alone:
        assert alone.wait() == 0, alone.text
        assert "pid" in alone.text
        until(lambda: not alone.everyone(), explain=alone.everyone)


@pytest.fixture(scope="module")
def warm(data_dir) -> Iterator[Desk]:
    """Used by the last stories of this page: it holds the data until the end of it."""
    with ready_desk(data_dir) as desk:
        yield desk


def test_a_second_start_on_the_same_data_is_refused(warm):
    with beside(warm, "up") as second:
        assert second.wait() == 1
        assert f"in use by process {warm.running.process.pid}" in second.text
    assert warm.running.process.poll() is None


def test_a_command_beside_a_running_desk_uses_its_servers(warm):
    with beside(warm, "shell", "-c", WHICH_DATABASE) as other:
        assert other.wait() == 0, other.text
        assert "pid" in other.text
    assert warm.running.process.poll() is None


def test_doctor_finds_nothing_wrong_with_a_running_desk(warm):
    with beside(warm, "doctor") as doctor:
        assert doctor.wait() == 0, doctor.text
        assert "wrong" not in doctor.text
        assert "mail is accepted" in doctor.text
