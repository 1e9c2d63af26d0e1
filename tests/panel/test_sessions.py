"""Where a customer is signed in to the panel, and the end of it."""

import pytest
from django.test import Client

from tests.cast import ANNA, BORIS
from tests.panel.conftest import shows, signed_in
from users.models import SignedIn

ME = "/panel/me/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def elsewhere(account) -> Client:
    client = signed_in(ANNA)
    client.get(ME, headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    return client


def is_in(client: Client) -> bool:
    return client.get(ME).status_code == 200


def row_of(client: Client) -> int:
    return SignedIn.objects.get(session_id=client.session.session_key).pk


def test_a_customer_sees_his_sessions_and_ends_one(elsewhere, client):
    page = client.get(ME)
    shows(page, "Where you are signed in", "Firefox, Windows", "192.0.2.7", "this one")
    assert page.content.decode().count("End it") == 1
    shows(client.post(f"/panel/me/sessions/{row_of(elsewhere)}/end", follow=True), "has to sign in again")
    assert not is_in(elsewhere)
    assert is_in(client)


def test_he_ends_all_others_and_this_one_stays(elsewhere, client):
    shows(client.post("/panel/me/sessions/end", follow=True), "1 session ended.")
    assert not is_in(elsewhere)
    assert is_in(client)


def test_nobody_ends_those_of_somebody_else(elsewhere, other):
    boris = signed_in(BORIS)
    boris.post(f"/panel/me/sessions/{row_of(elsewhere)}/end")
    boris.post("/panel/me/sessions/end")
    assert is_in(elsewhere)
    assert "192.0.2.7" not in boris.get(ME).content.decode()
