"""Mallory and passkeys: answers of yesterday, keys of others, addresses that only look like ours."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from events.models import Event
from tests import cast
from tests.cast import ANNA
from tests.panel import conftest as panel
from tests.panel.conftest import PASSWORD
from tests.passkeys import ORIGIN, SoftKey
from tests.proofs import a_decision, seen
from users.models import Passkey, PasskeyQuestion, User

_desk = panel._desk  # its stage is ours
CODE = "/desk/login/code/"


@pytest.fixture(autouse=True)
def _known_by_this_address(settings) -> None:
    settings.SITE_URL = ORIGIN
    settings.DEMO = False


def colleague(login: str = "agent1", role: str = "agent") -> User:
    return cast.person(login, role, "first-line").user


def given(user: User, key: SoftKey) -> SoftKey:
    """The passkey as if he had added it himself."""
    Passkey.objects.create(user=user, name="Key", credential_id=key.id, public_key=key.public(), sign_count=key.counter)
    return key


def at_the_door(user: User) -> Client:
    """Has given the password of this colleague."""
    client = Client(headers={"accept-language": "en"})
    assert client.post("/desk/login/", {"login": user.email, "password": PASSWORD}).url == CODE
    return client


def asked(client: Client, at: str = CODE, where: str = "/desk/login/code/question", **form: str) -> dict[str, Any]:
    answer = client.post(where, {"at": at, **form})
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def is_in(client: Client) -> bool:
    return client.get("/desk/me/").status_code == 200


def inside(user: User, key: SoftKey) -> Client:
    client = at_the_door(user)
    key.counter += 1
    assert client.post(CODE, {"passkey": key.sign(asked(client))}).status_code == 302
    assert is_in(client)
    return client


def test_an_honest_passkey_opens_the_desk():
    user = colleague()
    inside(user, given(user, SoftKey()))
    assert Passkey.objects.get().sign_count == 1


def test_an_answer_opens_one_door_once():
    user = colleague()
    key = given(user, SoftKey())
    first, second = at_the_door(user), at_the_door(user)
    answer = key.sign(asked(first))
    assert second.post(CODE, {"passkey": answer}).status_code == 400, "the question of another session"
    assert first.post(CODE, {"passkey": answer}).status_code == 302
    first.post("/desk/logout/")
    again = at_the_door(user)
    asked(again)
    for client in (first, again):
        client.post(CODE, {"passkey": answer})
        assert not is_in(client)


def test_an_answer_that_was_refused_cannot_be_tried_again():
    user = colleague()
    key = given(user, SoftKey())
    client = at_the_door(user)
    question = asked(client)
    assert client.post(CODE, {"passkey": SoftKey(id=key.id).sign(question)}).status_code == 400
    assert client.post(CODE, {"passkey": key.sign(question)}).status_code == 400


def test_a_question_of_six_minutes_ago_is_not_answered_any_more():
    user = colleague()
    key = given(user, SoftKey())
    client = at_the_door(user)
    answer = key.sign(asked(client))
    PasskeyQuestion.objects.update(asked_at=F("asked_at") - timedelta(minutes=6))
    assert client.post(CODE, {"passkey": answer}).status_code == 400


@pytest.mark.parametrize(
    "crooked",
    [
        {"origin": "https://desk.example.evil.example"},
        {"origin": "http://localhost:8001"},
        {"our_id": "evil.example"},
        {"verifies": False},
    ],
    ids=["asked by another page", "by another port", "made for another name", "nobody was verified"],
)
def test_an_answer_given_elsewhere_or_by_nobody_opens_nothing(crooked):
    user = colleague()
    key = given(user, SoftKey())
    for name, value in crooked.items():
        setattr(key, name, value)
    client = at_the_door(user)
    assert client.post(CODE, {"passkey": key.sign(asked(client))}).status_code == 400
    assert not is_in(client)


def test_a_copy_of_a_key_is_noticed_by_its_counter():
    user = colleague()
    key = given(user, SoftKey(counter=5))
    client = at_the_door(user)
    assert client.post(CODE, {"passkey": key.sign(asked(client))}).status_code == 400
    key.counter = 6
    assert client.post(CODE, {"passkey": key.sign(asked(client))}).status_code == 302


def test_the_passkey_of_a_colleague_opens_only_his_own_door():
    user, other = colleague(), colleague("agent2")
    given(user, SoftKey())
    his = given(other, SoftKey())
    client = at_the_door(user)
    assert client.post(CODE, {"passkey": his.sign(asked(client))}).status_code == 400
    assert not is_in(client)


def test_the_passkey_of_a_customer_never_opens_the_desk_nor_a_colleagues_the_panel():
    user, anna = colleague(), User.objects.get(email=ANNA)
    his, hers = given(user, SoftKey()), given(anna, SoftKey())
    client = at_the_door(user)
    assert client.post(CODE, {"passkey": hers.sign(asked(client))}).status_code == 400
    customer = panel.signed_in(ANNA)
    assert customer.post("/desk/proof/question", {"at": CODE}).status_code == 302, "to the door of the desk"
    proof = seen(customer, "/panel/me/factors/app/")
    question = asked(customer, at="/panel/proof/", where="/panel/proof/question", **proof)
    assert customer.post("/panel/proof/", proof | {"passkey": his.sign(question)}).status_code == 400
    assert not is_in(customer)


def test_words_changed_after_the_answer_have_no_proof():
    lead = colleague("admin", "admin")
    key = given(lead, SoftKey())
    client = inside(lead, key)
    form = {"kind": "accounts", "reason": "Letter about prices"}
    for changed, status in (({"kind": "contacts"}, 409), ({"reason": "letter about prices"}, 409), ({}, 200)):
        key.counter += 1
        question = asked(client, at="/setup/export/files", where="/desk/proof/question", **form)
        answer = client.post("/setup/export/files", form | changed | {"passkey": key.sign(question)})
        assert answer.status_code == status
    assert Event.objects.filter(type="CustomersExported").count() == 1


def test_an_answer_for_one_act_is_none_for_another():
    lead = colleague("admin", "admin")
    key = given(lead, SoftKey())
    client = inside(lead, key)
    form = {"kind": "accounts", "reason": "Letter about prices"}
    key.counter += 1
    question = asked(client, at="/desk/proof/", where="/desk/proof/question", **form)
    assert client.post("/setup/export/files", form | {"passkey": key.sign(question)}).status_code == 409


def test_a_session_left_open_makes_no_passkey_without_the_password():
    client = panel.signed_in(ANNA)
    page, key = "/panel/me/factors/passkey/", SoftKey()
    question = json.loads(client.post(f"{page}question").content)
    assert client.post(page, {"name": "Mine", "passkey": key.make(question)}).url.startswith("/panel/proof/")
    assert client.post(f"/panel/proof/?next={page}", seen(client, page) | {"password": "guess"}).status_code == 400
    assert not Passkey.objects.exists()


def test_who_knows_the_password_alone_makes_none_beside_a_factor_that_stands():
    anna = User.objects.get(email=ANNA)
    TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    client, page = panel.signed_in(ANNA), "/panel/me/factors/passkey/"
    answer = client.post("/panel/proof/", seen(client, page) | {"password": PASSWORD})
    assert answer.status_code == 400
    assert client.get(page).status_code == 302


def test_a_proof_for_one_page_opens_no_other():
    anna = User.objects.get(email=ANNA)
    device = TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    key = given(anna, SoftKey())
    client = panel.signed_in(ANNA)
    adding, removing = "/panel/me/factors/passkey/", f"/panel/me/factors/app/{device.pk}/removal/"
    proof = seen(client, adding)
    question = asked(client, at="/panel/proof/", where="/panel/proof/question", **proof)
    assert client.post("/panel/proof/", seen(client, removing) | {"passkey": key.sign(question)}).status_code == 400
    question = asked(client, at="/panel/proof/", where="/panel/proof/question", **proof)
    assert client.post("/panel/proof/", proof | {"passkey": key.sign(question)}).url == adding
    assert client.get(adding).status_code == 200
    assert client.post(removing).status_code == 302
    assert TOTPDevice.objects.exists()


def test_a_passkey_of_today_decides_nothing_even_beside_an_old_app(client):
    anna = User.objects.get(email=ANNA)
    device = TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    TOTPDevice.objects.update(created_at=F("created_at") - timedelta(days=30))
    key = given(anna, SoftKey())
    customer, decision = panel.signed_in(ANNA), a_decision()
    proof = seen(customer, decision)
    question = asked(customer, at="/panel/proof/", where="/panel/proof/question", **proof)
    assert customer.post("/panel/proof/", proof | {"passkey": key.sign(question)}).status_code == 409
    code = f"{totp(device.bin_key):06d}"
    assert customer.post("/panel/proof/", proof | {"code": code}).url == decision


def test_a_passkey_that_is_somebodys_is_not_made_again_for_another():
    user = colleague()
    his = given(user, SoftKey())
    client, page = panel.signed_in(ANNA), "/panel/me/factors/passkey/"
    assert client.post("/panel/proof/", seen(client, page) | {"password": PASSWORD}).url == page
    question = json.loads(client.post(f"{page}question").content)
    assert client.post(page, {"name": "Mine", "passkey": his.make(question)}).status_code == 400
    assert Passkey.objects.get().user == user


def test_the_last_factor_stays():
    anna = User.objects.get(email=ANNA)
    key = given(anna, SoftKey())
    client = panel.signed_in(ANNA)
    page = f"/panel/me/factors/passkey/{Passkey.objects.get().pk}/removal/"
    proof = seen(client, page)
    question = asked(client, at="/panel/proof/", where="/panel/proof/question", **proof)
    assert client.post("/panel/proof/", proof | {"passkey": key.sign(question)}).url == page
    client.post(page)
    assert Passkey.objects.exists()


def test_a_forged_host_changes_nothing_of_who_we_are():
    user = colleague()
    given(user, SoftKey())
    client = at_the_door(user)
    told = client.post(
        "/desk/login/code/question", {"at": CODE}, headers={"host": "127.0.0.1", "x-forwarded-host": "x"}
    )
    assert json.loads(told.content)["rpId"] == "localhost"


def test_without_the_password_nobody_is_asked_and_learns_nothing():
    given(colleague(), SoftKey())
    assert Client().post("/desk/login/code/question", {"at": CODE}).status_code == 403


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "null",
        "[]",
        "\x00",
        '{"id": 1}',
        "{" * 20000,
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30", '
        '"authenticatorData": "YQ", "signature": "YQ"}}',
        '{"id": "YQ", "rawId": "!", "type": "x", "response": {"clientDataJSON": 1}}',
    ],
)
def test_rubbish_is_refused_politely(answer):
    user = colleague()
    Passkey.objects.create(user=user, name="Key", credential_id=b"a", public_key=b"b", sign_count=0)
    client = at_the_door(user)
    asked(client)
    assert client.post(CODE, {"passkey": answer}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_answers_at_the_same_moment_one_counts():
    lead = colleague("admin", "admin")
    key = given(lead, SoftKey())
    client = inside(lead, key)
    key.counter = 0
    Passkey.objects.update(sign_count=0)  # as many real keys, which do not count
    form = {"kind": "accounts", "reason": "Letter"}
    question = asked(client, at="/setup/export/files", where="/desk/proof/question", **form)
    form["passkey"] = key.sign(question)
    statuses, both = [], threading.Barrier(2)

    def send() -> None:
        other = Client()
        other.cookies = client.cookies
        both.wait()
        statuses.append(other.post("/setup/export/files", form).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(statuses) == [200, 409]
