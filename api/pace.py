"""How fast one program may ask: so many requests a minute, all at once if it likes.

Kept in this process: a lost Redis neither opens nor shuts the door, and no request waits for a row all others want.
"""

import threading
import time
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


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


_buckets: dict[int, Bucket] = {}  # by token: as many as there are programs
_lock = threading.Lock()


class Pace(BaseThrottle):
    waits = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        program, at = request.user, time.monotonic()
        with _lock:
            bucket = _buckets.setdefault(program.token_id, Bucket(program.per_minute, at=at))
            self.waits = bucket.take(program.per_minute, at=at)
        return self.waits == 0

    def wait(self) -> float:
        return self.waits
