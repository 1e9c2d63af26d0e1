"""Making and revoking tokens, as an administrator does it and as the program meets it."""

import re

import pytest
from django.test import Client

from events.models import Event
from tests.web.conftest import person, shows, signed_in
from users.models import ApiToken, SignOnKey

NEW = {"name": "Billing <b>", "scopes": ["tickets:read"], "per_minute": "60", "expires_on": ""}


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def made(admin: Client, **more: object) -> str:
    page = admin.post("/setup/api/new/", NEW | more).content.decode()
    return re.search(r'value="(hd_[\w-]{43})"', page)[1]


def status(secret: str) -> int:
    return Client().get("/api/v1/tickets/", headers={"authorization": f"Bearer {secret}"}).status_code


def test_a_token_is_shown_once_works_and_is_revoked_at_once(admin):
    secret = made(admin)
    assert status(secret) == 200
    page = admin.get("/setup/api/")
    shows(page, "Billing &lt;b&gt;", f"hd_…{secret[-4:]}", "last used", "60 requests a minute", "tickets:read")
    assert secret not in page.content.decode()
    token = ApiToken.objects.get()
    assert secret not in str(ApiToken.objects.values())
    admin.post(f"/setup/api/{token.pk}/revocation")
    assert status(secret) == 401
    shows(admin.get("/setup/api/"), "revoked")
    journal = Event.objects.filter(stream="system", type__startswith="ApiToken").order_by("sequence")
    assert [(e.type, e.actor[:6]) for e in journal] == [("ApiTokenMade", "staff:"), ("ApiTokenRevoked", "staff:")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": " "}, "Say which program it is for"),
        ({"scopes": ["everything"]}, "Choose what it may do"),
        ({"per_minute": "-5"}, "A whole number from 1 to 60000"),
        ({"expires_on": "2020-01-01"}, "This day has gone by"),
        ({"expires_on": "2026-02-31"}, "This is no day"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(admin, more, words):
    answer = admin.post("/setup/api/new/", NEW | more)
    assert answer.status_code == 400
    shows(answer, words, "Error:")
    if "name" not in more:
        shows(answer, "Billing &lt;b&gt;")
    assert not ApiToken.objects.exists()


def test_a_token_ends_with_its_day(admin):
    secret = made(admin, expires_on="2999-12-31")
    assert status(secret) == 200
    ApiToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert status(secret) == 401


def test_only_administrators_make_tokens():
    agent = signed_in(person("lead", "lead"))
    assert agent.get("/setup/api/").status_code == 403
    assert agent.post("/setup/api/new/", NEW).status_code == 403


def test_a_key_of_single_sign_on_is_shown_once_and_revoked(admin):
    page = admin.post("/setup/api/keys/new/", {"issuer": "billing <b>", "algorithm": "HS256"}).content.decode()
    shared = re.search(r'value="([\w-]{43})"', page)[1]
    listed = admin.get("/setup/api/")
    shows(listed, "billing &lt;b&gt;", "HS256", "/panel/sso/?token=")
    assert shared not in listed.content.decode()
    assert shared not in str(SignOnKey.objects.values())
    admin.post(f"/setup/api/keys/{SignOnKey.objects.get().pk}/revocation")
    assert SignOnKey.objects.get().revoked_at
    journal = Event.objects.filter(stream="system", type__startswith="SignOnKey").order_by("sequence")
    assert [event.type for event in journal] == ["SignOnKeyMade", "SignOnKeyRevoked"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"issuer": " "}, "Say the issuer"),
        ({"algorithm": "none"}, "Choose how links are signed"),
        ({"algorithm": "EdDSA", "public_key": "-----BEGIN PUBLIC KEY-----"}, "no public Ed25519 key"),
    ],
)
def test_a_key_that_is_none_is_refused(admin, more, words):
    answer = admin.post("/setup/api/keys/new/", {"issuer": "x", "algorithm": "HS256"} | more)
    assert answer.status_code == 400
    shows(answer, words)
    assert not SignOnKey.objects.exists()
