"""By what a wrong password counts."""

import pytest

from users.known_browsers import OF_A_BROWSER, OF_A_NAME, budget
from users.names import one_writing


@pytest.mark.parametrize(
    ("name", "browser", "counted"),
    [
        pytest.param("anna", "", (OF_A_NAME, "name anna"), id="an unknown browser with all that try this name"),
        pytest.param("anna", "b1", (OF_A_BROWSER, "b1"), id="a known one by itself"),
        pytest.param("anna@host.example", "b1", (OF_A_BROWSER, "b1"), id="whichever of his names its owner types"),
        pytest.param("", "", (OF_A_NAME, "name "), id="a name of nothing counts too: no use without whose is counted"),
    ],
)
def test_what_a_wrong_password_is_counted_under(name, browser, counted):
    assert budget(name, browser) == counted


def test_a_name_has_room_for_many_networks_and_a_browser_for_one_person():
    assert OF_A_NAME.most >= 10 * OF_A_BROWSER.most


@pytest.mark.parametrize("typed", ["Smith", " smith ", "SMITH", "sm\0ith", "ſmith", "smıth"])
def test_another_writing_is_the_same_name(typed):
    assert one_writing(typed) == "smith"
