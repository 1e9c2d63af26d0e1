"""When a visitor may try again, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from core.limits import Over
from web.public import limits

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "english", "russian"),
    [
        pytest.param(0.5, "in 1 min.", "через 1\xa0мин.", id="less than a minute"),
        pytest.param(38, "in 39 min.", "через 39\xa0мин.", id="within the hour"),
        pytest.param(119, "in 2 h.", "через 2\xa0ч.", id="two hours"),
        pytest.param(517, "in 9 h.", "через 9\xa0ч.", id="most of a day"),
    ],
)
def test_a_long_wait_is_told_in_hours(minutes, english, russian):
    over = Over(limits.TRY_TICKET_DAY, NOON + timedelta(minutes=minutes))
    for language, words in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert limits.told(over, now=NOON).endswith(words)
