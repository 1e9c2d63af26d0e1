"""Days and times as they are typed."""

from datetime import date, datetime, time

import pytest

from core.dates import day_in, moment_in, time_in


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("25.11.2026", date(2026, 11, 25)),
        (" 8.3.2027 ", date(2027, 3, 8)),
        ("2026-11-25", date(2026, 11, 25)),
        ("29.02.2028", date(2028, 2, 29)),
        ("29.02.2027", None),
        ("32.01.2027", None),
        ("00.01.2027", None),
        ("01.01.0000", None),
        ("2026-W01-1", None),
        ("20261125", None),
        ("25.11", None),
        ("25.11.26", None),
        ("٢٥.11.2026", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_and_browsers_write_it(typed, day):
    assert day_in(typed) == day


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("22:00", time(22)),
        (" 9:05 ", time(9, 5)),
        ("23:59:59.9", time(23, 59)),
        ("24:00", None),
        ("9", None),
        ("9.30", None),
        ("", None),
    ],
)
def test_a_time_is_read_to_the_minute(typed, at):
    assert time_in(typed) == at


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("25.11.2026 18:00", datetime(2026, 11, 25, 18)),
        ("25.11.2026, 9:30", datetime(2026, 11, 25, 9, 30)),
        ("2026-11-25T18:00", datetime(2026, 11, 25, 18)),
        ("25.11.2026", None),
        ("18:00", None),
        ("25.11.2026 25:00", None),
        ("25.11.2026 18:00 MSK", None),
        ("", None),
    ],
)
def test_a_moment_is_a_day_and_a_time(typed, moment):
    assert moment_in(typed) == moment
