"""Mallory and recovery codes: guessed, used twice, of somebody else, and for more than they are good for."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import AccountLetter
from assurance.services.letters import words_of
from core.clock import now as read_clock
from core.models import LimitCount
from events import worker
from staff.models import StaffLetter
from staff.services import people
from tests import cast
from tests.cast import ANNA
from tests.panel import conftest as panel
from tests.panel.conftest import PASSWORD
from tests.proofs import a_decision, seen
from users import recovery
from users.models import RecoveryCode, User

_desk = panel._desk  # its stage is ours
CODE = "/desk/login/code/"
WRONG = "AAAA-AAAA-AAAA-AAAA"


@pytest.fixture(autouse=True)
def _no_demo(settings) -> None:
    settings.DEMO = False


def with_codes(user: User, person: str) -> list[str]:
    TOTPDevice.objects.get_or_create(user=user, name="app", confirmed=True)
    return [code.reveal() for code in recovery.make(user, person=person, now=read_clock())]


def colleague(login: str = "agent1") -> tuple[User, list[str]]:
    staff = cast.person(login, "agent", "first-line")
    return staff.user, with_codes(staff.user, f"staff:{staff.pk}")


def anna() -> tuple[User, list[str]]:
    user = User.objects.get(email=ANNA)
    return user, with_codes(user, f"contact:{user.contact.pk}")


def at_the_door(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.post("/desk/login/", {"login": user.email, "password": PASSWORD}).url == CODE
    return client


def is_in(client: Client) -> bool:
    return client.get("/desk/me/").status_code == 200


def test_a_code_opens_the_door_once_however_it_is_typed():
    user, (first, *_) = colleague()
    client = at_the_door(user)
    assert client.post(CODE, {"recovery": f" {first.lower().replace('-', ' ')} "}).status_code == 302
    assert is_in(client)
    again = at_the_door(user)
    assert again.post(CODE, {"recovery": first}).status_code == 400
    assert not is_in(again)


def test_a_guesser_is_stopped_even_with_the_right_one_in_the_end():
    user, (right, *_) = colleague()
    for _ in range(5):
        assert at_the_door(user).post(CODE, {"recovery": WRONG}).status_code == 400
    client = at_the_door(user)
    answer = client.post(CODE, {"recovery": right})
    assert answer.status_code == 400
    assert "Too many tries" in answer.content.decode()
    assert not is_in(client)
    assert recovery.left(user) == 10


def test_waiting_for_the_next_quarter_gives_ten_tries_a_day_and_no_more():
    user, (right, *_) = colleague()
    start = read_clock().replace(hour=6, minute=1)
    for each in range(10):
        with pytest.raises(recovery.Refused, match="wrong_code"):
            recovery.use(user, WRONG, person="staff:1", now=start + timedelta(minutes=20 * each))
    with pytest.raises(recovery.Refused, match="too_many_tries"):
        recovery.use(user, right, person="staff:1", now=start + timedelta(hours=9))


def test_new_codes_do_not_forgive_old_guesses():
    user, _codes = colleague()
    for _ in range(5):
        at_the_door(user).post(CODE, {"recovery": WRONG})
    (fresh, *_) = with_codes(user, "staff:1")
    assert at_the_door(user).post(CODE, {"recovery": fresh}).status_code == 400


def test_the_codes_of_others_open_nothing():
    user, _his = colleague()
    _other, (theirs, *_) = colleague("agent2")
    _anna, (hers, *_) = anna()
    for code in (theirs, hers):
        assert at_the_door(user).post(CODE, {"recovery": code}).status_code == 400
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_new_codes_replace_the_old():
    user, (old, *_) = colleague()
    with_codes(user, "staff:1")
    assert at_the_door(user).post(CODE, {"recovery": old}).status_code == 400
    assert RecoveryCode.objects.filter(user=user).count() == 10


def test_the_table_holds_nothing_that_could_be_typed():
    _user, codes = colleague()
    kept = [row.digest for row in RecoveryCode.objects.all()]
    assert len(set(kept)) == 10
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert all(len(code.replace("-", "")) * 5 >= 64 for code in codes)


@pytest.mark.parametrize(
    "page",
    ["", "/panel/me/factors/codes/", "/panel/me/factors/door/"],
)
def test_a_code_decides_nothing_and_makes_no_codes(page):
    user, (code, *_) = anna()
    TOTPDevice.objects.update(created_at=F("created_at") - timedelta(days=30))
    client, page = panel.signed_in(ANNA), page or a_decision()
    for form in ({"recovery": code}, {"code": code}, {"code": code[:6]}):
        assert client.post("/panel/proof/", seen(client, page) | form).status_code == 400
        TOTPDevice.objects.update(throttling_failure_count=0)
    assert client.post(page).status_code in (302, 405)
    assert recovery.left(user) == 10


def test_a_code_in_a_form_that_asks_for_the_factor_takes_nothing_away():
    staff = cast.person("admin", "admin", "first-line")
    (code, *_) = with_codes(staff.user, f"staff:{staff.pk}")
    client = at_the_door(staff.user)
    device = TOTPDevice.objects.get(user=staff.user)
    client.post(CODE, {"code": f"{totp(device.bin_key):06d}"})
    form = {"kind": "accounts", "reason": "Letter about prices", "code": code, "recovery": code}
    assert client.post("/setup/export/files", form).status_code == 409


def test_a_proof_by_a_code_lets_add_a_factor_and_not_remove_one():
    user, (first, second, *_) = anna()
    device = TOTPDevice.objects.get(user=user)
    client, adding = panel.signed_in(ANNA), "/panel/me/factors/passkey/"
    removing = f"/panel/me/factors/app/{device.pk}/removal/"
    assert client.post("/panel/proof/", seen(client, adding) | {"recovery": first}).url == adding
    assert client.get(adding).status_code == 200
    assert client.get(removing).status_code == 302
    assert client.post("/panel/proof/", seen(client, removing) | {"recovery": second}).status_code == 400
    assert recovery.left(user) == 9


def test_the_owner_of_a_used_code_hears_of_it_with_the_way_to_end_sessions():
    user, (code, *_) = colleague()
    at_the_door(user).post(CODE, {"recovery": code})
    customer, (hers, *_) = anna()
    recovery.use(customer, hers, person=f"contact:{customer.contact.pk}", now=read_clock())
    worker.drain()
    assert "/desk/me/#sessions-h" in StaffLetter.objects.latest("pk").text
    letter = AccountLetter.objects.filter(email=ANNA).latest("pk")
    assert letter.subject in ("Использован ваш резервный код", "A recovery code of yours was used")
    assert "/panel/me/#sessions-h" in words_of(letter)


def test_a_wait_at_one_door_is_none_at_the_other():
    user, (code, *_) = anna()
    user.shows_factor = True
    user.save()
    client = Client()
    assert client.post("/panel/login/", {"login": ANNA, "password": PASSWORD}).url == "/panel/login/code/"
    assert client.get("/panel/").status_code == 302
    assert client.post(CODE, {"recovery": code}).url == "/desk/login/"
    assert client.post("/desk/login/code/question", {"at": CODE}).status_code == 403
    assert not is_in(client)
    assert recovery.left(user) == 10


def test_a_reset_forgets_codes_too():
    user, (code, *_) = colleague()
    people.begin_recovery(user.staff.pk, by="system", now=read_clock())
    assert not RecoveryCode.objects.exists()
    with pytest.raises(recovery.Refused):
        recovery.use(user, code, person="staff:1", now=read_clock())


def test_without_the_password_nobody_tries_a_code():
    _user, (code, *_) = colleague()
    assert Client().post(CODE, {"recovery": code}).url == "/desk/login/"
    assert not LimitCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_codes_at_the_same_moment_one_counts():
    user, (code, *_) = colleague()
    both, results = threading.Barrier(2), []

    def send() -> None:
        both.wait()
        try:
            results.append(recovery.use(user, code, person="staff:1", now=read_clock()))
        except recovery.Refused as refused:
            results.append(refused.code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, results)) == ["9", "wrong_code"]
