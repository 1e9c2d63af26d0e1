"""What a browser says of itself, in two words."""

import pytest

from users.browsers import browser_of

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {ENGINE} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {ENGINE} Chrome/140.0 YaBrowser/25 Safari", "Yandex Browser, Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {ENGINE} Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.14.1", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_browser_and_system_are_named_as_far_as_known(says, words):
    assert browser_of(says) == words
