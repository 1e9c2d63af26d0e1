"""How often something may be done, counted in PostgreSQL: what Redis forgets must not open a door.

Windows are fixed; whose uses they are stands there as a keyed digest only.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import F

from core.models import LimitCount, key

_TAKE = """
    INSERT INTO core_limitcount (key, count, until) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET count = core_limitcount.count + EXCLUDED.count RETURNING count"""


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Over:
    """`until`: when the next use is free again."""

    limit: Limit
    until: datetime


def take(*uses: tuple[Limit, str], now: datetime, amount: int = 1) -> Over | None:
    """Counts one use, or `amount`, under each limit in turn, up to the first that is over.

    What is refused by one is not counted under those behind it. An empty `whose` is exempt.
    Stands outside the transaction of what it guards, so that a refusal is counted too.
    """
    for limit, whose in uses:
        if whose:
            until = _window_end(limit.per, now)
            with connection.cursor() as cursor:
                cursor.execute(_TAKE, [_key(limit, whose, until), amount, until])
                (count,) = cursor.fetchone()
            if count > limit.most:
                return Over(limit, until)
    return None


def give_back(limit: Limit, whose: str, *, now: datetime) -> None:
    """One use that was counted before it was known to be a good one."""
    rows = LimitCount.objects.filter(key=_key(limit, whose, _window_end(limit.per, now)), count__gt=0)
    rows.update(count=F("count") - 1)


def forget(now: datetime) -> None:
    LimitCount.objects.filter(until__lt=now).delete()


def _window_end(per: timedelta, now: datetime) -> datetime:
    return datetime.fromtimestamp(0, UTC) + per * ((now - datetime.fromtimestamp(0, UTC)) // per + 1)


def _key(limit: Limit, whose: str, until: datetime) -> str:
    # With its length: in the last hour of a day the window of an hour ends when that of the day does.
    words = f"{limit.name}\n{limit.per}\n{until.isoformat()}\n{whose}"
    return hmac.digest(key("limits"), words.encode(), hashlib.sha256)[:16].hex()
