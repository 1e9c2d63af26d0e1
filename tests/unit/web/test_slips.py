"""What looks like a slip of the hand in an address, and what does not."""

import pytest

from web.public.slips import meant

SLIPS = {
    "a letter too few": ("orlov@gmal.com", "orlov@gmail.com"),
    "a letter too many": ("orlov@yandexx.ru", "orlov@yandex.ru"),
    "a wrong letter": ("orlov@mail.ri", "orlov@mail.ru"),
    "two letters swapped": ("orlov@yadnex.ru", "orlov@yandex.ru"),
    "the end is missing": ("orlov@gmail.co", "orlov@gmail.com"),
    "right as it is": ("orlov@gmail.com", ""),
    "a domain of one's own": ("orlov@hosting-client.example", ""),
    "two slips": ("orlov@gmal.con", ""),
}


@pytest.mark.parametrize(("typed", "told"), SLIPS.values(), ids=SLIPS)
def test_one_slip_is_noticed_and_nothing_else(typed, told):
    assert meant(typed) == told
