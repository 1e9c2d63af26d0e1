"""Where somebody is signed in, and the end of it."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client

from core.clock import now as read_clock
from events.models import Event
from staff.models import StaffProfile
from tests.web.conftest import person, shows, signed_in
from users import sessions
from users.models import Realm, SignedIn

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
ME = "/desk/me/"


def beside(email: str, *, agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    """Another browser of somebody, which has opened a page."""
    client = signed_in(email)
    assert client.get(ME, headers={"user-agent": agent}, REMOTE_ADDR=address).status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get(ME).status_code == 200


def of(client: Client) -> SignedIn:
    return SignedIn.objects.get(session_id=client.session.session_key)


def journal(staff: StaffProfile) -> list[tuple[str, int]]:
    found = Event.objects.filter(stream=f"staff:{staff.pk}", type="SessionsEnded").order_by("sequence")
    return [(event.actor, event.payload.data["count"]) for event in found]


@pytest.fixture
def email() -> str:
    return person("agent1", "agent", "first-line")


@pytest.fixture
def staff(email) -> StaffProfile:
    return StaffProfile.objects.get(user__email=email)


def test_each_session_is_shown_with_its_browser_and_address_and_one_of_them_is_this(email):
    beside(email)
    here = signed_in(email)
    page = here.get(ME)
    shows(
        page, "Where you are signed in", "Firefox, Linux", "192.0.2.7", "unknown browser", "127.0.0.1", "End all others"
    )
    assert page.content.decode().count(">this one<") == 1
    assert page.content.decode().count("End it") == 1


def test_the_one_that_is_alone_has_no_button(email):
    page = signed_in(email).get(ME).content.decode()
    assert "this one" in page
    assert "End it" not in page
    assert "End all others" not in page


def test_one_is_ended_and_has_to_sign_in_again(email, staff):
    other, here = beside(email), signed_in(email)
    shows(here.post(f"/desk/me/sessions/{of(other).pk}/end", follow=True), "has to sign in again")
    assert not is_in(other)
    assert is_in(here)
    assert journal(staff) == [(f"staff:{staff.pk}", 1)]
    assert SignedIn.objects.count() == 1


def test_all_others_are_ended_and_this_one_stays(email, staff):
    others, here = [beside(email), beside(email)], signed_in(email)
    shows(here.post("/desk/me/sessions/end", follow=True), "2 sessions ended.")
    assert [is_in(other) for other in others] == [False, False]
    assert is_in(here)
    shows(here.post("/desk/me/sessions/end", follow=True), "0 sessions ended.")
    assert journal(staff) == [(f"staff:{staff.pk}", 2)]


def test_nobody_ends_the_session_of_somebody_else(email):
    victim = beside(email)
    mallory = signed_in(person("agent2", "agent", "first-line"))
    mallory.post(f"/desk/me/sessions/{of(victim).pk}/end")
    mallory.post("/desk/me/sessions/end")
    assert is_in(victim)
    for address in ("sessions/end", f"sessions/{of(victim).pk}/end"):
        assert mallory.post(f"/setup/people/{StaffProfile.objects.first().pk}/{address}").status_code == 403
    assert is_in(victim)


def test_an_administrator_sees_and_ends_those_of_a_person(email, staff):
    admin = signed_in(person("admin", "admin"))
    of_person = f"/setup/people/{staff.pk}/"
    shows(admin.get(of_person), "Nowhere at the moment.")
    one, two, three = (beside(email) for _ in range(3))
    shows(admin.get(of_person), "Firefox, Linux", "192.0.2.7", "End all")
    shows(admin.post(f"{of_person}sessions/{of(one).pk}/end", follow=True), "has to sign in again")
    assert [is_in(each) for each in (one, two, three)] == [False, True, True]
    shows(admin.post(of_person + "sessions/end", follow=True), "2 sessions ended.")
    assert not is_in(two)
    assert not is_in(three)
    by = StaffProfile.objects.get(role="admin").actor().key
    assert journal(staff) == [(by, 1), (by, 2)]
    assert is_in(admin) or admin.get("/setup/").status_code == 200
    assert admin.post("/setup/people/999/sessions/end").status_code == 404


def test_an_administrator_who_looks_at_himself_keeps_the_one_he_asks_from():
    email = person("admin", "admin")
    other, here = beside(email), signed_in(email)
    staff = StaffProfile.objects.get(user__email=email)
    shows(here.get(f"/setup/people/{staff.pk}/"), "this one", "End all others")
    here.post(f"/setup/people/{staff.pk}/sessions/end")
    assert not is_in(other)
    assert here.get("/setup/").status_code == 200


def test_being_seen_is_written_once_a_minute_at_most(email):
    client = beside(email)
    long_ago = read_clock() - timedelta(hours=1)
    SignedIn.objects.update(seen_at=long_ago)
    client.get(ME)
    assert SignedIn.objects.get().seen_at == long_ago
    cache.clear()  # a minute later
    client.get(ME)
    row = SignedIn.objects.get()
    assert row.seen_at > long_ago
    assert row.made_at < row.seen_at


def test_a_session_that_was_ended_does_not_come_back_by_being_seen(email, staff):
    client = beside(email)
    key = client.session.session_key
    sessions.end(staff.user_id, of(client).pk, realm=Realm.DESK)
    cache.clear()
    late = {"user_agent": FIREFOX, "address": None, "now": read_clock()}
    sessions.seen(key, user_id=staff.user_id, realm=Realm.DESK, **late)
    assert not SignedIn.objects.exists()


def test_signing_out_takes_it_off_the_list(email):
    client = beside(email)
    client.post("/desk/logout/")
    assert not SignedIn.objects.exists()


def test_the_row_goes_with_its_session_whoever_deletes_that(email):
    beside(email)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    assert not SignedIn.objects.exists()


def test_what_has_run_out_and_what_is_of_the_other_realm_is_not_shown(email, staff):
    beside(email)
    now = read_clock()
    assert len(sessions.of_user(staff.user_id, realm=Realm.DESK, now=now)) == 1
    assert sessions.of_user(staff.user_id, realm=Realm.PANEL, now=now) == ()
    assert sessions.end_all(staff.user_id, realm=Realm.PANEL) == 0
    Session.objects.update(expire_date=now - timedelta(seconds=1))
    assert sessions.of_user(staff.user_id, realm=Realm.DESK, now=now) == ()


def test_the_list_speaks_russian(email):
    beside(email)
    page = signed_in(email, language="ru").get(ME)
    shows(page, "Где вы вошли", "этот сеанс", "Завершить все остальные", "неизвестный браузер")
