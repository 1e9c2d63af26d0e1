"""How fast one program may ask: so many requests a minute, all at once if it likes, over all processes together.

Counted in Redis, for losing it harms nothing and no request waits for a row all others want. Without Redis each process
counts by itself: the door neither opens nor shuts, and a frozen Redis holds one request for a moment, not every one.
"""

import logging
import threading
import time
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

PATIENCE_SECONDS = 0.05
RESTS_SECONDS = 5.0  # after Redis did not answer

log = logging.getLogger(__name__)


class Bucket:
    """Fills by the minute; a request takes one. Times are monotonic seconds."""

    __slots__ = ("at", "left")

    def __init__(self, per_minute: int, *, at: float) -> None:
        self.left, self.at = float(per_minute), at

    def take(self, per_minute: int, *, at: float) -> float:
        """Seconds to wait, 0 if one was there."""
        self.left = min(per_minute, self.left + (at - self.at) * per_minute / 60)
        self.at = at
        if self.left < 1:
            return (1 - self.left) * 60 / per_minute
        self.left -= 1
        return 0.0


# The same bucket in Redis, by its own clock: seconds to wait, as text.
_TAKE = """
local moment = redis.call('TIME')
local at, most = moment[1] + moment[2] / 1000000, tonumber(ARGV[1])
local was = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = math.min(most, (tonumber(was[1]) or most) + (at - (tonumber(was[2]) or at)) * most / 60)
local wait = 0
if left < 1 then wait = (1 - left) * 60 / most else left = left - 1 end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', at))
redis.call('EXPIRE', KEYS[1], 60)
return string.format('%.6f', wait)"""


class Shared:
    """The buckets of all processes. `take` gives None where Redis does not answer."""

    def __init__(self, url: str) -> None:
        client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._take = client.register_script(_TAKE)
        self._rests_until = 0.0

    def take(self, token_id: int, per_minute: int, *, at: float) -> float | None:
        if at < self._rests_until:
            return None
        name = f"pace:{connection.settings_dict['NAME']}:{token_id}"
        try:
            return float(self._take(keys=[name], args=[per_minute]))
        except redis.RedisError as reason:
            self._rests_until = at + RESTS_SECONDS
            log.warning("pace=own reason=%s", type(reason).__name__)
            return None


_buckets: dict[int, Bucket] = {}  # by token: as many as there are programs
_lock = threading.Lock()
_shared = Shared(settings.COUNTS_REDIS_URL)


class Pace(BaseThrottle):
    waits = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        program, at = request.user, time.monotonic()
        waits = _shared.take(program.token_id, program.per_minute, at=at)
        if waits is None:
            with _lock:
                bucket = _buckets.setdefault(program.token_id, Bucket(program.per_minute, at=at))
                waits = bucket.take(program.per_minute, at=at)
        self.waits = waits
        return waits == 0

    def wait(self) -> float:
        return self.waits
