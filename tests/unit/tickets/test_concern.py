"""Whom an event concerns."""

from collections.abc import Iterable

import pytest

from tickets.policies.concern import Why, concerned


@pytest.mark.parametrize(
    ("reasons", "by", "tells"),
    [
        pytest.param([(Why.WROTE, [7])], None, {"7": "wrote"}, id="the customer or the desk itself did it"),
        pytest.param([(Why.NOTED, [7])], 8, {"7": "noted"}, id="a colleague did it"),
        pytest.param([(Why.NOTED, [7])], 7, None, id="he knows"),
        pytest.param([(Why.NOTED, [None])], 8, None, id="nobody has the ticket"),
        pytest.param([(Why.MENTIONED, [7, 7]), (Why.NOTED, [7, 9])], 8, {"7": "mentioned", "9": "noted"}, id="once"),
        pytest.param([], 8, None, id="nobody"),
    ],
)
def test_a_person_is_told_once_of_what_others_do(
    reasons: list[tuple[Why, Iterable[int | None]]], by: int | None, tells: dict[str, str] | None
):
    assert concerned(*reasons, by=by) == tells
