"""Whatever is killed, the right things end and the right things come back."""

import os
import signal
from pathlib import Path

import pytest

from tests.ops.running import PYTHON, start, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def small_desk(tmp_path, *roles):
    return start(PYTHON, "-m", "tests.ops.small_desk", *roles, env={"HELPDESK_DATA_DIR": str(tmp_path)})


def test_an_interrupt_lets_every_role_finish_and_ends_all(tmp_path):
    with small_desk(tmp_path, "calm", "parent", "servers") as desk:
        desk.wait_for("everybody is up")
        desk.wait_for("calm begins")
        desk.interrupt()
        assert desk.wait() == 0
        assert "calm ends" in desk.text
        assert "everybody is down" in desk.text
        until(lambda: not desk.everyone())


def test_a_second_interrupt_does_not_wait_for_a_stubborn_role(tmp_path):
    with small_desk(tmp_path, "stubborn") as desk:
        desk.wait_for("stubborn begins")
        desk.interrupt()
        desk.wait_for("stopping")
        desk.interrupt()
        assert desk.wait(seconds=5) == 0
        assert "killing stubborn" in desk.text
        until(lambda: not desk.everyone())


def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path):
    with small_desk(tmp_path, "calm", "stubborn", "parent", "servers") as desk:
        desk.wait_for("parent begins")
        until(lambda: {"postgres", "valkey-server", "hd-calm", "hd-parent"} <= set(desk.everyone().values()))
        desk.process.kill()
        until(lambda: not desk.everyone(), seconds=8, explain=desk.everyone)


def test_a_killed_role_is_started_again(tmp_path):
    with small_desk(tmp_path, "calm") as desk:
        desk.wait_for("calm begins")
        first = desk.pid_of("hd-calm")
        os.kill(first, signal.SIGKILL)
        desk.wait_for("calm ended (SIGKILL)")
        assert desk.pid_of("hd-calm", other_than=first)


@pytest.mark.parametrize("program", ["postgres", "valkey-server"])
def test_a_killed_server_is_started_again_and_the_roles_stay(tmp_path, program):
    with small_desk(tmp_path, "calm", "servers") as desk:
        desk.wait_for("calm begins")
        role, server = desk.pid_of("hd-calm"), desk.pid_of(program)
        os.kill(server, signal.SIGKILL)
        desk.wait_for("starting it again")
        assert desk.pid_of(program, other_than=server)
        assert desk.pid_of("hd-calm") == role


def test_data_survive_kill_9_of_everything(tmp_path):
    import psycopg2

    from ops.embedded.postgres import Postgres

    def ask(statement):
        sockets = Postgres(tmp_path, durable=True).sockets
        with psycopg2.connect(dbname="helpdesk", user="helpdesk", host=str(sockets)) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    with small_desk(tmp_path, "servers") as desk:
        desk.wait_for("everybody is up")
        ask("CREATE TABLE kept AS SELECT 'заявка' AS word")
        for pid in [desk.process.pid, *desk.everyone()]:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not desk.everyone())
    with small_desk(tmp_path, "servers") as desk:
        desk.wait_for("everybody is up")
        assert ask("SELECT word FROM kept") == [("заявка",)]


def test_a_folder_with_spaces_and_cyrillic_in_a_very_long_path_will_do(tmp_path):
    folder = tmp_path / "мои документы" / ("очень длинное имя " * 5).strip()
    with small_desk(folder, "servers") as desk:
        desk.wait_for("everybody is up")
        assert (folder / "postgres" / "PG_VERSION").exists()
