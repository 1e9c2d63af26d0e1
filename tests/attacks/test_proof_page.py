"""Mallory wants Anna to prove herself for what she does not see. She reads in words what it is, or proves nothing."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import CriticalAction
from core.clock import now as read_clock
from tests.cast import ANNA
from tests.panel import conftest as panel
from tests.panel.conftest import shows
from tests.proofs import a_decision, seen
from users import sessions
from users.models import Passkey, SignedIn, User
from web.shared.proof import Act

_desk = panel._desk  # its stage is ours


@pytest.fixture
def anna() -> Client:
    """With an app that counts in full."""
    TOTPDevice.objects.create(user=User.objects.get(email=ANNA), name="app", confirmed=True)
    TOTPDevice.objects.update(created_at=read_clock() - timedelta(days=9))
    return panel.signed_in(ANNA)


def code() -> dict[str, str]:
    """The right one, once more."""
    TOTPDevice.objects.update(last_t=-1, throttling_failure_count=0)
    return {"code": f"{totp(TOTPDevice.objects.get().bin_key):06d}"}


def test_she_reads_action_account_and_parameters_before_she_proves_anything(anna):
    decision = a_decision()
    page = anna.get("/panel/proof/", {"next": decision})
    action = CriticalAction.objects.get()
    shows(page, action.words, "ООО «Ромашка»", action.ticket.number[:3], "New address", "new@hosting-client.example")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/panel/me/factors/passkey/", "Add a passkey to your sign-in"),
        ("/panel/me/factors/codes/", "Make ten new recovery codes"),
        ("/panel/me/factors/door/", "Ask for the second factor at each sign-in"),
    ],
)
def test_so_does_whoever_changes_his_factors(anna, page, words):
    shows(anna.get("/panel/proof/", {"next": page}), words, ANNA)


def test_a_proof_of_words_that_were_not_shown_is_none(anna):
    decision, adding = a_decision(), "/panel/me/factors/passkey/"
    for act in ("", "ж", "0" * 64, seen(anna, adding)["act"]):
        answer = anna.post("/panel/proof/", {"next": decision, "act": act} | code())
        assert answer.status_code == 409
        shows(answer, "Read it again", CriticalAction.objects.get().words)
    assert anna.post(f"{decision}approval").url.startswith("/panel/proof/")
    assert CriticalAction.objects.get().state == "requested"


def test_a_stolen_session_alone_approves_not_even_an_ordinary_action(anna):
    decision = a_decision("password_reset", login="annahost")
    shows(anna.get(decision), "Prove yourself and confirm")
    assert anna.post(f"{decision}approval").url.startswith("/panel/proof/")
    assert CriticalAction.objects.get().state == "requested"
    anna.post("/panel/proof/", seen(anna, decision) | code())
    anna.post(f"{decision}approval")
    assert CriticalAction.objects.get().state == "authorised"


def test_words_swapped_after_she_read_or_proved_them_void_the_proof(anna):
    decision = a_decision()
    read = seen(anna, decision)
    honest = CriticalAction.objects.get().words
    CriticalAction.objects.update(words="Сменить административный адрес на mallory@elsewhere.example")
    assert anna.post("/panel/proof/", read | code()).status_code == 409
    CriticalAction.objects.update(words=honest)
    assert anna.post("/panel/proof/", read | code()).url == decision
    CriticalAction.objects.update(parameters={"new_email": "mallory@elsewhere.example"})
    assert anna.post(f"{decision}approval").url.startswith("/panel/proof/")
    assert CriticalAction.objects.get().state == "requested"
    CriticalAction.objects.update(parameters={"new_email": "new@hosting-client.example"})
    anna.post(f"{decision}approval")
    assert CriticalAction.objects.get().state == "authorised"


def test_a_proof_to_switch_the_door_on_does_not_switch_it_off(anna):
    page = "/panel/me/factors/door/"
    assert anna.post("/panel/proof/", seen(anna, page) | code()).url == page
    User.objects.filter(email=ANNA).update(shows_factor=True)  # meanwhile
    assert anna.post(page, {"shows_factor": "off"}).url.startswith("/panel/proof/")
    assert User.objects.get(email=ANNA).shows_factor


def test_a_passkey_renamed_after_the_proof_is_not_the_one_that_was_read(anna):
    user = User.objects.get(email=ANNA)
    key = Passkey.objects.create(user=user, name="Old laptop", credential_id=b"1", public_key=b"2", sign_count=0)
    page = f"/panel/me/factors/passkey/{key.pk}/removal/"
    shows(anna.get("/panel/proof/", {"next": page}), "Old laptop")
    assert anna.post("/panel/proof/", seen(anna, page) | code()).url == page
    Passkey.objects.update(name="Telephone")
    assert anna.post(page).url.startswith("/panel/proof/")
    assert Passkey.objects.exists()


def test_an_address_behind_which_nothing_is_done_asks_for_no_proof(anna):
    for target in ("/panel/", "/panel/nowhere/", "//evil.example/"):
        answer = anna.get("/panel/proof/", {"next": target})
        assert answer.status_code == 302
        assert "evil" not in answer.url
    assert anna.get("/panel/proof/", {"next": "/panel/me/factors/passkey/999/removal/"}).status_code == 404
    assert (
        anna.get("/panel/proof/", {"next": f"/panel/decisions/{'0' * 8}-0000-0000-0000-{'0' * 12}/"}).status_code == 404
    )


def test_one_letter_makes_another_act():
    acts = [Act("Do", (("a", "b"),)), Act("Do it", (("a", "b"),)), Act("Do", (("ab", ""),)), Act("Do")]
    assert len({act.digest(path) for act in acts for path in ("/x/", "/y/")}) == 8


def thief_of(victim: Client) -> Client:
    """With the cookie as it is now."""
    thief = Client(headers={"accept-language": "en"})
    thief.cookies["session"] = victim.cookies["session"].value
    return thief


def test_a_cookie_stolen_before_she_proved_herself_opens_nothing_she_proved_and_soon_nothing_at_all(anna):
    decision = a_decision()
    anna.get("/panel/me/")
    here, thief = SignedIn.objects.get(), thief_of(anna)
    assert anna.post("/panel/proof/", seen(anna, decision) | code()).url == decision
    assert anna.cookies["session"].value != thief.cookies["session"].value
    assert thief.post(f"{decision}approval").url.startswith("/panel/proof/")  # as if on its way meanwhile
    old = Session.objects.filter(session_key=thief.cookies["session"].value)
    assert old.get().expire_date <= read_clock() + sessions.ON_ITS_WAY
    old.update(expire_date=read_clock())
    assert thief.get("/panel/").url.startswith("/panel/login/")
    assert CriticalAction.objects.get().state == "requested"
    now_here = SignedIn.objects.get(session__expire_date__gt=read_clock())
    assert (now_here.pk, now_here.made_at) == (here.pk, here.made_at)
    assert anna.post(f"{decision}approval").status_code == 302
    assert CriticalAction.objects.get().state != "requested"


def test_forms_that_were_open_before_go_on_after_the_proof():
    TOTPDevice.objects.create(user=User.objects.get(email=ANNA), name="app", confirmed=True)
    TOTPDevice.objects.update(created_at=read_clock() - timedelta(days=9))
    known, anna = panel.signed_in(ANNA), Client(enforce_csrf_checks=True)
    anna.cookies = known.cookies
    decision = a_decision()
    page = anna.get("/panel/me/").content.decode()
    token = {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]}
    was = anna.cookies["session"].value
    assert anna.post("/panel/proof/", seen(anna, decision) | code() | token).url == decision
    assert anna.cookies["session"].value != was
    assert anna.post("/panel/me/sessions/end", token).status_code == 302


def test_a_session_that_was_ended_meanwhile_does_not_come_back_by_a_proof(anna):
    anna.get("/panel/me/")
    here = anna.session
    Session.objects.all().delete()
    sessions.change_key(here, without=(), now=read_clock())
    assert not Session.objects.exists()
