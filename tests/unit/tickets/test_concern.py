"""Whom an event concerns."""

import pytest

from tickets.policies.concern import concern


@pytest.mark.parametrize(
    ("whose", "by", "told"),
    [
        (7, None, 7),  # the customer or the desk itself did it
        (7, 8, 7),
        (7, 7, None),  # he knows
        (None, 8, None),  # nobody has the ticket
    ],
)
def test_a_person_is_told_of_what_others_do(whose: int | None, by: int | None, told: int | None):
    assert concern(whose, by=by) == told
