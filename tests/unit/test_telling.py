"""When a letter of what happened may leave."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.policies import GRACE, Pace, Quiet, leaves_at

MOSCOW, BERLIN, CALCUTTA = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
NIGHT, LUNCH = Quiet(time(22), time(7, 30)), Quiet(time(13), time(14))


def at(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("happened", "pace", "quiet", "zone", "leaves"),
    [
        pytest.param("2026-11-25 12:00", Pace.AT_ONCE, NIGHT, MOSCOW, "2026-11-25 12:01", id="by day"),
        pytest.param("2026-11-25 23:10", Pace.AT_ONCE, NIGHT, MOSCOW, "2026-11-26 07:30", id="before midnight"),
        pytest.param("2026-11-26 03:10", Pace.AT_ONCE, NIGHT, MOSCOW, "2026-11-26 07:30", id="after midnight"),
        pytest.param("2026-11-25 21:59:30", Pace.AT_ONCE, NIGHT, MOSCOW, "2026-11-26 07:30", id="a minute too late"),
        pytest.param("2026-11-26 07:30", Pace.AT_ONCE, NIGHT, MOSCOW, "2026-11-26 07:31", id="the end is no quiet"),
        pytest.param("2026-11-25 13:30", Pace.AT_ONCE, LUNCH, MOSCOW, "2026-11-25 14:00", id="within a day"),
        pytest.param("2026-11-25 12:20", Pace.HOURLY, None, MOSCOW, "2026-11-25 13:00", id="the next full hour"),
        pytest.param("2026-11-25 12:20", Pace.HOURLY, None, CALCUTTA, "2026-11-25 13:00", id="of a half-hour zone"),
        pytest.param("2026-11-25 12:20", Pace.HOURLY, LUNCH, MOSCOW, "2026-11-25 14:00", id="an hour that is quiet"),
        pytest.param("2026-11-25 07:00", Pace.DAILY, None, MOSCOW, "2026-11-25 08:00", id="this morning"),
        pytest.param("2026-11-25 08:00", Pace.DAILY, None, MOSCOW, "2026-11-26 08:00", id="tomorrow morning"),
        pytest.param("2026-03-29 01:00", Pace.AT_ONCE, Quiet(time(0), time(2, 30)), BERLIN, "2026-03-29 03:30",
                     id="the end falls into the hour that spring leaves out"),
    ],
)  # fmt: skip
def test_letters_leave_as_often_as_asked_and_never_in_quiet_hours(
    happened: str, pace: Pace, quiet: Quiet | None, zone: ZoneInfo, leaves: str
):
    assert leaves_at(at(happened, zone), pace=pace, quiet=quiet, zone=zone) == at(leaves, zone)


def test_a_quiet_hour_that_autumn_repeats_ends_the_second_time_too():
    second = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1).astimezone(UTC)
    quiet = Quiet(time(1), time(2, 30))
    assert leaves_at(second, pace=Pace.AT_ONCE, quiet=quiet, zone=BERLIN) - second == timedelta(minutes=20)


@given(
    happened=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    pace=st.sampled_from(Pace),
    walls=st.tuples(st.times(), st.times()).filter(lambda both: both[0] != both[1]),
    zone=st.sampled_from([MOSCOW, BERLIN, CALCUTTA, ZoneInfo("Pacific/Apia"), ZoneInfo("America/St_Johns")]),
)
def test_nothing_leaves_before_it_happened_nor_later_than_three_days(
    happened: datetime, pace: Pace, walls: tuple[time, time], zone: ZoneInfo
):
    leaves = leaves_at(happened, pace=pace, quiet=Quiet(*walls), zone=zone)
    assert happened < leaves <= happened + timedelta(days=3) + GRACE
