"""Mallory knows a password and guesses the codes of the app: fast, slowly, by several doors. He has ten tries a day."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.clock import now as read_clock
from events import worker
from events.models import Event
from staff.models import StaffLetter, StaffProfile
from staff.services import people
from tests import cast
from tests.attacks.test_passkeys import given
from tests.attacks.test_recovery_codes import CODE, at_the_door, is_in, with_codes
from tests.cast import ANNA
from tests.panel import conftest as panel
from tests.passkeys import SoftKey
from tests.proofs import seen
from tests.tickets.trust import letters_with
from users.app_codes import locked_until
from users.models import User, WrongCode
from users.passkeys import origin

_desk = panel._desk  # its stage is ours
NOW = cast.NOW
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_demo(settings) -> None:
    settings.DEMO = False


def colleague(login: str = "agent1", role: str = "agent") -> User:
    user = cast.person(login, role, "first-line").user
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    return user


def patient() -> None:
    """As if whoever guesses had waited as long as he is told to between two tries."""
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None, last_t=-1)


def right(user: User) -> str:
    patient()
    return f"{totp(TOTPDevice.objects.get(user=user).bin_key):06d}"


def wrong(user: User) -> str:
    return "000000" if right(user) != "000000" else "111111"


def guess_at_the_door(user: User, times: int = 10) -> Client:
    client = at_the_door(user)
    for _ in range(times):
        assert client.post(CODE, {"code": wrong(user)}).status_code == 400
    return client


def days_pass(span: timedelta) -> None:
    for row in WrongCode.objects.all():
        WrongCode.objects.filter(pk=row.pk).update(at=row.at - span)


def changes() -> list[str]:
    found = Event.objects.filter(type="FactorChanged").order_by("id")
    return [each.payload.data["what"] for each in found]


def test_what_helps_after_a_refusal_is_said_and_nothing_of_the_right_code():
    user = colleague()
    client = at_the_door(user)
    assert "Type the six digits" in client.post(CODE, {"code": " "}).content.decode()
    assert not WrongCode.objects.exists()
    guess = wrong(user)
    told = client.post(CODE, {"code": guess}).content.decode()
    assert "The code is wrong, or came too soon" in told
    code = f"{totp(TOTPDevice.objects.get(user=user).bin_key):06d}"
    told = client.post(CODE, {"code": code}).content.decode()  # the right one, and not looked at
    assert "The code is wrong, or came too soon" in told
    patient()
    client.post(CODE, {"code": code})
    assert is_in(client)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    other = at_the_door(user)
    assert "This code was used already" in other.post(CODE, {"code": code}).content.decode()
    assert not is_in(other)


def test_after_ten_wrong_ones_the_right_one_opens_nothing_and_its_owner_hears_of_it():
    user = colleague()
    client = guess_at_the_door(user)
    answer = client.post(CODE, {"code": right(user)})
    assert answer.status_code == 400
    assert "Too many wrong codes" in answer.content.decode()
    assert not is_in(client)
    assert changes() == ["app_closed"]
    worker.drain()
    letter = StaffLetter.objects.get(staff__user=user)
    assert "столько раз ввели неверный код" in letter.text
    assert "смените его" in letter.text
    assert WrongCode.objects.count() == 10, "what comes to a shut door is neither looked at nor counted"


def test_nine_and_the_right_one_and_nine_more_are_not_forgiven():
    user = colleague()
    client = guess_at_the_door(user, 9)
    assert client.post(CODE, {"code": right(user)}).status_code == 302
    guess_at_the_door(user, 1)
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 400


def test_one_count_holds_for_every_door():
    user = colleague("admin", "admin")
    client = guess_at_the_door(user, 4)
    client.post(CODE, {"code": right(user)})
    for _ in range(3):
        form = {"kind": "accounts", "reason": "Prices", "code": wrong(user)}
        assert client.post("/setup/export/files", form).status_code == 409
    page = "/desk/me/factors/codes/"
    for _ in range(3):
        proof = seen(client, page, realm="desk") | {"code": wrong(user)}
        assert client.post("/desk/proof/", proof).status_code == 400
    form = {"kind": "accounts", "reason": "Prices", "code": right(user)}
    assert client.post("/setup/export/files", form).status_code == 409
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 400
    assert changes() == ["app_closed"]


def test_a_customer_is_told_too_and_an_empty_field_is_no_try():
    anna = User.objects.get(email=ANNA)
    TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    client, page = panel.signed_in(ANNA), "/panel/me/factors/codes/"
    for _ in range(12):
        assert client.post("/panel/proof/", seen(client, page) | {"code": ""}).status_code == 400
    assert not WrongCode.objects.exists()
    for _ in range(10):
        client.post("/panel/proof/", seen(client, page) | {"code": wrong(anna)})
    answer = client.post("/panel/proof/", seen(client, page) | {"code": right(anna)})
    assert "Too many wrong codes" in answer.content.decode()
    worker.drain()
    assert letters_with("неверный код приложения", email=ANNA)


def test_tries_without_waiting_are_not_looked_at_and_close_nothing():
    user = colleague()
    code = wrong(user)
    client = at_the_door(user)
    for _ in range(30):
        client.post(CODE, {"code": code})
    assert 1 <= WrongCode.objects.count() < 10
    assert changes() == []


def test_a_day_later_it_opens():
    user = colleague()
    guess_at_the_door(user)
    days_pass(timedelta(hours=23, minutes=59))
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 400
    days_pass(timedelta(minutes=2))
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 302


def test_a_passkey_opens_it_before(settings):
    settings.SITE_URL = "http://localhost:8000"
    user = colleague()
    key = given(user, SoftKey())
    client = guess_at_the_door(user)
    question = client.post("/desk/login/code/question", {"at": CODE}).json()
    assert question["rpId"] in origin()
    assert client.post(CODE, {"passkey": key.sign(question)}).status_code == 302
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 302
    assert changes() == ["app_closed", "app_opened"]


def test_a_recovery_code_opens_it_before():
    user = colleague()
    (first, *_) = with_codes(user, f"staff:{user.staff.pk}")
    client = guess_at_the_door(user)
    assert client.post(CODE, {"recovery": "AAAA-AAAA-AAAA-AAAA"}).status_code == 400
    assert client.post(CODE, {"code": right(user)}).status_code == 400, "a wrong one opens nothing"
    assert client.post(CODE, {"recovery": first}).status_code == 302
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 302


def test_an_administrator_opens_it_with_a_factor_of_his_own_and_nobody_else_does():
    user, admin = colleague(), colleague("admin", "admin")
    guess_at_the_door(user)
    page = f"/setup/people/{StaffProfile.objects.get(user=user).pk}/code-app/"
    for role in ("agent", "lead", "quality"):
        other = colleague(f"a-{role}", role)
        client = at_the_door(other)
        client.post(CODE, {"code": right(other)})
        assert client.post(page).status_code == 403
    client = at_the_door(admin)
    client.post(CODE, {"code": right(admin)})
    assert "code app closed" in client.get("/setup/people/").content.decode()
    assert client.post(page).url.startswith("/desk/proof/")
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 400
    assert client.post("/desk/proof/", seen(client, page, realm="desk") | {"code": right(admin)}).url == page
    assert "Open the code app" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert at_the_door(user).post(CODE, {"code": right(user)}).status_code == 302
    opened = Event.objects.filter(type="FactorChanged").last()
    assert opened
    assert (opened.stream, opened.actor) == (f"staff:{user.staff.pk}", f"staff:{admin.staff.pk}")


def test_a_new_app_begins_without_the_wrong_codes_of_the_one_before():
    user = colleague()
    guess_at_the_door(user)
    people.begin_recovery(user.staff.pk, by="staff:1", now=read_clock())
    assert not WrongCode.objects.exists()


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        pytest.param([], None, id="none were wrong"),
        pytest.param([1, 2], None, id="two are not three"),
        pytest.param([1, 2, 3], -1 + 24, id="three within a day close it from the last one on"),
        pytest.param([0, 23, 23.9], 24, id="three just within a day"),
        pytest.param([0, 12, 24], None, id="three over a whole day"),
        pytest.param([23.9, 30, 47], 0.1, id="as long as a day after the last one"),
        pytest.param([24, 25, 26], None, id="a day after the last one it is open"),
        pytest.param([1, 40, 41, 42], None, id="older ones count no more"),
    ],
)
def test_three_wrong_ones_a_day(hours: list[float], until: float | None):
    wrong_at: list[datetime] = [NOW - HOUR * each for each in hours]
    expected = None if until is None else NOW + HOUR * until
    assert locked_until(wrong_at, most=3, now=NOW) == expected
