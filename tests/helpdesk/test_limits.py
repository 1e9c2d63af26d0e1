"""How often something may be done, counted in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from core import limits
from core.limits import Limit

pytestmark = pytest.mark.django_db
HOUR, DAY = Limit("letters", 5, timedelta(hours=1)), Limit("letters", 20, timedelta(days=1))


@pytest.mark.parametrize("hour", [0, 12, 22, 23])
def test_an_hour_and_a_day_of_one_name_are_counted_apart_at_any_hour(hour: int) -> None:
    now = datetime(2026, 11, 25, hour, 30, tzinfo=UTC)
    over = [limits.take((HOUR, "mallory"), (DAY, "mallory"), now=now) for _ in range(6)]
    assert over[:5] == [None] * 5
    assert over[5] is not None
    assert over[5].limit is HOUR


def test_every_day_begins_anew_and_others_are_not_counted() -> None:
    now = datetime(2026, 11, 25, 23, 59, tzinfo=UTC)
    assert [limits.take((HOUR, "mallory"), now=now) is None for _ in range(6)] == [True] * 5 + [False]
    assert limits.take((HOUR, "anna"), now=now) is None
    assert limits.take((HOUR, "mallory"), now=now + timedelta(minutes=1)) is None
