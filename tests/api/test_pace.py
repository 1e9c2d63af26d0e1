"""How fast a program may ask, counted over all processes; and what becomes of it without Redis."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import pace
from api.pace import RESTS_SECONDS, Shared
from tests.api.conftest import caller
from users.api_tokens import Scope

pytestmark = pytest.mark.django_db
TAKE = (
    "import sys, django; django.setup(); from django.conf import settings; from django.db import connection;"
    "connection.settings_dict['NAME'] = sys.argv[1]; from api.pace import Shared;"
    "print(Shared(settings.COUNTS_REDIS_URL).take(int(sys.argv[2]), 3, at=0) == 0)"
)


@pytest.fixture
def closed() -> Iterator[str]:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"redis://127.0.0.1:{port}/1"


@pytest.fixture
def frozen() -> Iterator[str]:
    """Where somebody takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/1"


def test_two_processes_share_one_limit():
    name, token = str(connection.settings_dict["NAME"]), "987654321"
    shared = Shared(settings.COUNTS_REDIS_URL)
    taken = [shared.take(int(token), 3, at=0) for _ in range(2)]
    assert taken == [0, 0]
    there = [
        subprocess.run([sys.executable, "-c", TAKE, name, token], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert [said.strip() for said in there] == ["True", "False"]
    waits = shared.take(int(token), 3, at=0)
    assert waits is not None
    assert 0 < waits <= 20, "a third of a minute brings the next"


def test_programs_do_not_use_up_each_others_limit_and_a_smaller_one_counts_at_once():
    shared = Shared(settings.COUNTS_REDIS_URL)
    assert [shared.take(987654322, 1, at=0) == 0 for _ in range(2)] == [True, False]
    assert shared.take(987654323, 60_000, at=0) == 0
    assert shared.take(987654323, 1, at=0) == 0
    assert shared.take(987654323, 1, at=0) != 0


@pytest.mark.parametrize("where", ["closed", "frozen"])
def test_without_redis_a_process_counts_by_itself_and_does_not_ask_it_again_at_once(
    where, request, monkeypatch, caplog
):
    lost = Shared(request.getfixturevalue(where))
    monkeypatch.setattr(pace, "_shared", lost)
    slow = caller(Scope.TICKETS_READ, per_minute=2)
    with caplog.at_level(logging.WARNING):
        assert [slow.get("/tickets/").status_code for _ in range(3)] == [200, 200, 429]
    assert len([line for line in caplog.messages if line.startswith("pace=own")]) == 1
    resting = lost._rests_until
    assert lost.take(1, 2, at=resting - RESTS_SECONDS / 2) is None
    assert lost._rests_until == resting, "it rests"
    assert lost.take(1, 2, at=resting) is None
    assert lost._rests_until > resting, "and is asked again"


def test_counting_asks_the_database_nothing():
    quick = caller(Scope.TICKETS_READ)
    quick.get("/tickets/")
    with CaptureQueriesContext(connection) as asked:
        quick.get("/tickets/")
    assert len(asked) <= 2
