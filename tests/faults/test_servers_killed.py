"""The embedded servers die under a running desk and come back; nobody has to do anything."""

import contextlib
import json
import os
import signal
import urllib.error
from pathlib import Path

import pytest

from tests.ops.running import until
from tests.ops.whole_desk import KIM, LEE, Desk, Visitor, ready_desk, wait_for_silence

pytestmark = pytest.mark.faults


def kill(desk: Desk, program: str, server: str) -> None:
    old = desk.running.pid_of(program)
    os.kill(old, signal.SIGKILL)
    desk.running.wait_for(f"{server} ended (SIGKILL); starting it again")
    assert desk.running.pid_of(program, other_than=old)


def test_valkey_and_then_postgresql_are_killed_and_pages_mail_and_nudges_go_on(tmp_path: Path, outlet) -> None:
    with ready_desk(tmp_path, EMAIL_URL=outlet.url) as desk:
        agent = Visitor(desk)
        agent.sign_in()
        with agent.socket() as socket:
            wait_for_silence(desk)
            hear_out(socket)
            kill(desk, "valkey-server", "valkey")
            assert desk.write("After Valkey died", sender=KIM)[0] == 250
            desk.wait_for_ticket("After Valkey died")
            until(lambda: outlet.to(KIM), 60, explain=lambda: desk.running.text)
            until(lambda: is_nudged(desk, socket), 60, explain=lambda: desk.running.text)

            kill(desk, "postgres", "postgres")
            until(lambda: desk_is_shown(agent, times=10), explain=lambda: desk.running.text)
            assert desk.write("After PostgreSQL died", sender=LEE)[0] == 250
            desk.wait_for_ticket("After PostgreSQL died")
            until(lambda: outlet.to(LEE), 60, explain=lambda: desk.running.text)
        assert '"degraded": false' in agent.get("/readyz")[1]
        for role in ("relay", "worker", "smtp", "web-1", "web-2"):
            assert f"{role} ended" not in desk.running.text, desk.running.text


def is_nudged(desk: Desk, socket) -> bool:
    """Whether the page hears of a mail. A nudge rung before its process listens again is lost, and may be."""
    desk.write("Is anybody there", sender=KIM)
    with contextlib.suppress(TimeoutError):
        return json.loads(socket.recv(timeout=3))["topic"] == "desk"
    return False


def hear_out(socket) -> None:
    """Everything that was said until now."""
    with contextlib.suppress(TimeoutError):
        while socket.recv(timeout=0.5):
            pass


def desk_is_shown(agent: Visitor, *, times: int) -> bool:
    """So often in a row that every process of the web has been asked."""
    try:
        return all("/desk/logout/" in agent.get("/desk/")[1] for _ in range(times))
    except urllib.error.HTTPError:
        return False
