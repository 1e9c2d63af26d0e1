"""Whether this desk can serve now: database, Redis, tables, and how long its oldest work waits."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min

from events import bookkeeping
from events.models import Delivery, DeliveryState

PATIENCE_SECONDS = 1
LATE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Health:
    """Redis and a late outbox are told but do not turn visitors away: without Redis the desk still takes mail."""

    database: bool
    redis: bool
    migrations: bool
    outbox_lag_seconds: int | None  # None: the database did not answer
    red_books: list[str]

    @property
    def is_ready(self) -> bool:
        return self.database and self.migrations

    def as_json(self) -> dict[str, Any]:
        is_late = self.outbox_lag_seconds is None or self.outbox_lag_seconds > LATE_SECONDS
        return {"ready": self.is_ready, "degraded": not self.redis or is_late or bool(self.red_books), **asdict(self)}


def look(*, now: datetime) -> Health:
    try:
        migrations = _migrations_are_applied()
        lag = _lag_seconds(now) if migrations else 0
        red = [entry.name for entry in bookkeeping.red(now=now)] if migrations else []
    except DatabaseError:
        return Health(False, _redis_answers(), False, None, [])
    return Health(True, _redis_answers(), migrations, lag, red)


def _migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _lag_seconds(now: datetime) -> int:
    """Of the oldest delivery that is due; one that waits for its next attempt is not late."""
    oldest = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now).aggregate(due=Min("due_at"))["due"]
    return int((now - oldest).total_seconds()) if oldest else 0


def _redis_answers() -> bool:
    try:
        return bool(_redis().ping())
    except (redis.RedisError, OSError):
        return False


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )
