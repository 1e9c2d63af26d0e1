"""Each role as a process of its own, as containers run them."""

import contextlib

import pytest

from ops import embedded
from tests.ops.whole_desk import Desk, command, ports

ROLES = ("relay", "worker", "smtp")


@pytest.fixture
def env(tmp_path):
    """Servers beside the roles, and tables in them."""
    servers = embedded.start(tmp_path / "servers", durable=False, environ={})
    closed = "127.0.0.1:9"  # no resolver: every look-up fails at once
    yield {**servers.env, **ports(), "HELPDESK_DEMO": "1", "SECRET_KEY": "x" * 50, "HELPDESK_DNS": closed}
    servers.stop(patience=10)


def test_roles_started_one_by_one_make_a_ticket_of_a_mail(tmp_path, env):
    with command(tmp_path / "desk", "prepare", **env) as preparing:
        assert preparing.wait(60) == 0, preparing.text
    with contextlib.ExitStack() as roles:
        running = {name: roles.enter_context(command(tmp_path / "desk", "run", name, **env)) for name in ROLES}
        running["smtp"].wait_for("listens on")
        desk = Desk(running["relay"], env)
        assert desk.write("Separate roles")[0] == 250, running["smtp"].text
        desk.wait_for_ticket("Separate roles", seconds=15)
