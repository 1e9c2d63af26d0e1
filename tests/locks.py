"""Waiting for somebody who waits for a lock, in stories of two who act at once."""

import time

from django.db import connection

_WAITS_FOR_US = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"""


def wait_until_somebody_waits_for_us(*, seconds: float = 30) -> None:
    """For a lock that this connection holds: what other databases of the same server wait for is nothing to us."""
    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(_WAITS_FOR_US)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
