"""How customers read until when something is promised."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from web.shared.moments import by, moment

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "english", "russian"),
    [
        (datetime(2026, 11, 26, 15, 44, tzinfo=UTC), "Europe/Moscow", "by 18:44 MSK today", "сегодня до 18:44 МСК"),
        (datetime(2026, 11, 26, 20, 59, tzinfo=UTC), "Europe/Moscow", "by 23:59 MSK today", "сегодня до 23:59 МСК"),
        (datetime(2026, 11, 26, 21, 0, tzinfo=UTC), "Europe/Moscow", "by 00:00 MSK tomorrow", "завтра до 00:00 МСК"),
        (
            datetime(2026, 11, 26, 15, 44, tzinfo=UTC),
            "Asia/Vladivostok",
            "by 01:44 UTC+10 tomorrow",
            "завтра до 01:44 UTC+10",
        ),
        (
            datetime(2026, 11, 28, 9, 0, tzinfo=UTC),
            "Europe/Moscow",
            "by 28.11.2026 12:00 MSK",
            "до 28.11.2026 12:00 МСК",
        ),
        (
            datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
            "Europe/Moscow",
            "by 25.11.2026 12:00 MSK",
            "до 25.11.2026 12:00 МСК",
        ),
    ],
    ids=["today", "its last minute", "midnight", "tomorrow where he is", "another day", "a day that has passed"],
)
def test_a_day_near_by_is_called_so_and_the_zone_is_named(at: datetime, zone: str, english: str, russian: str) -> None:
    for language, words in (("en", english), ("ru", russian)):
        with timezone.override(zone), translation.override(language):
            assert by(at, NOW) == words


def test_a_moment_that_is_told_names_its_zone() -> None:
    with timezone.override("Europe/Moscow"), translation.override("ru"):
        assert moment(NOW) == "26.11.2026 15:00 МСК"
