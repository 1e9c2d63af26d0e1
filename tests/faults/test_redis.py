"""Redis is a doorbell: without it mail is accepted, tickets are made and replies leave."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from helpdesk.celery import app
from helpdesk.env import broker_url
from ops.embedded import wait_until_ready
from ops.embedded.valkey import Valkey
from tests.ops.running import until
from tests.ops.whole_desk import KIM, ready_desk

pytestmark = pytest.mark.faults


@pytest.fixture
def valkey(tmp_path: Path):
    """The desk's Redis, in the hands of the test: nobody starts it again."""
    log = os.open(tmp_path / "valkey.log", os.O_WRONLY | os.O_CREAT)
    server = Valkey(tmp_path / "redis", durable=False)
    server.prepare()
    server.start(log)
    wait_until_ready(server, log)
    yield server, log
    server.process.kill()
    server.process.wait()
    os.close(log)


def freeze(server: Valkey, log: int) -> Callable[[], None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    return lambda: os.kill(server.process.pid, signal.SIGCONT)


def kill(server: Valkey, log: int) -> Callable[[], None]:
    server.process.kill()
    server.process.wait()

    def start_again_empty() -> None:
        server.start(log)
        wait_until_ready(server, log)

    return start_again_empty


def ring(server: Valkey) -> None:
    with app.connection_for_write(broker_url(server.url)) as broker:
        app.send_task("events.deliveries", connection=broker)


def bells_waiting(server: Valkey) -> int:
    """Rings that no worker has taken yet."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.llen("celery"))


@pytest.mark.parametrize("harm", [freeze, kill], ids=["frozen", "killed and empty when it is back"])
def test_a_desk_without_redis_goes_on_and_with_it_again_too(tmp_path: Path, valkey, outlet, harm) -> None:
    with ready_desk(tmp_path / "desk", REDIS_URL=valkey[0].url, EMAIL_URL=outlet.url) as desk:
        heal = harm(*valkey)
        try:
            for subject in ("First without Redis", "Second without Redis"):
                code, seconds = desk.write(subject)
                assert code == 250
                assert seconds < 2
                desk.wait_for_ticket(subject)
            until(lambda: len(outlet.to(KIM)) == 2, explain=lambda: desk.running.text)
            assert desk.page("/desk/login/")[0] == 200
            assert '"degraded": true' in desk.page("/readyz")[1]
        finally:
            heal()
        assert desk.write("With Redis again")[0] == 250
        desk.wait_for_ticket("With Redis again", seconds=60)
        until(lambda: len(outlet.to(KIM)) == 3, 60, explain=lambda: desk.running.text)
        until(lambda: '"degraded": false' in desk.page("/readyz")[1])
        assert desk.running.text.count("broker=away") == 1
        ring(valkey[0])
        until(lambda: bells_waiting(valkey[0]) == 0, 90, explain=lambda: desk.running.text)
