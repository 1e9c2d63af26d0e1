"""Ten thousand wrong passwords: the door shuts before a password is even looked at, and nothing grows."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client

from tests.web.conftest import PASSWORD, person, shows
from web.shared.lockout import MOST_FROM_ONE_ADDRESS

pytestmark = pytest.mark.faults
TRIES = 5_000
ELSEWHERE = "203.0.113.7"


class CountingHasher(MD5PasswordHasher):
    """The hasher of the tests, which tells how often a password was hashed."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashed += 1
        return super().encode(password, salt)


@pytest.fixture
def hasher(settings) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    return CountingHasher


def attempts_kept() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(length(post_data) + length(get_data)) FROM axes_accessattempt")
        return cursor.fetchone()


def try_to_enter(client: Client, email: str, password: str, robot: str = "robot"):
    typed = {"login": email, "password": password}
    return client.post("/desk/login/", typed, headers={"user-agent": robot, "accept-language": "en"})


def test_thousands_of_guesses_for_one_person_cost_five_hashes_and_lock_nobody_out_elsewhere(hasher):
    email = person("agent1", "agent", "first-line")
    attacker, hasher.hashed = Client(), 0
    for number in range(TRIES):
        answer = try_to_enter(attacker, email, f"guess-{number}", robot=f"robot {number}")
    assert (answer.status_code, hasher.hashed) == (429, 5)
    rows, characters = attempts_kept()
    assert rows == 5
    assert characters < 5_000
    assert try_to_enter(attacker, email, PASSWORD).status_code == 429
    assert try_to_enter(Client(REMOTE_ADDR=ELSEWHERE), email, PASSWORD).status_code == 302


def test_one_password_for_thousands_of_names_is_tried_a_hundred_times_only(hasher):
    email = person("agent1", "agent", "first-line")
    attacker, hasher.hashed = Client(), 0
    for number in range(TRIES):
        answer = try_to_enter(attacker, f"name{number}@bare.example", "Password-2026")
    assert answer.status_code == 429
    shows(answer, "Too many wrong passwords")
    assert hasher.hashed == MOST_FROM_ONE_ADDRESS
    assert attempts_kept()[0] == MOST_FROM_ONE_ADDRESS
    assert try_to_enter(attacker, email, PASSWORD).status_code == 429
    assert try_to_enter(Client(REMOTE_ADDR=ELSEWHERE), email, PASSWORD).status_code == 302
