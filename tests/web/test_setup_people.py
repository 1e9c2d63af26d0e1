"""Inviting, changing and blocking people, as an administrator does it and as the person meets it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import close_old_connections
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from events.models import Event
from staff.models import StaffLetter, StaffProfile
from staff.roles import Role
from staff.services import people
from staff.services.people import About, Refused
from tests import cast
from tests.cast import NOW, letter, origin
from tests.proofs import seen
from tests.web.conftest import PASSWORD, person, shows, signed_in
from tickets.models import Ticket
from tickets.services import assignment
from tickets.services.intake import receive
from users.models import Passkey, User

NEW = {"email": "New@Staff.example", "name": "Nina", "role": "agent", "teams": ["first-line"], "language": "en"}
GOOD = "a sentence to remember"


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def link_in(sent: StaffLetter) -> str:
    return re.search(r"https?://[^/]+(/desk/invitation/\S+)", sent.text)[1]


def events_of(profile: StaffProfile) -> list[str]:
    return list(Event.objects.filter(stream=f"staff:{profile.pk}").order_by("sequence").values_list("type", flat=True))


def test_an_invited_person_chooses_a_password_once_and_signs_in(admin, client):
    shows(
        admin.post("/setup/people/invitation/", NEW, follow=True),
        "Invited",
        "new@staff.example",
        "invited, not here yet",
    )
    sent = StaffLetter.objects.get()
    assert (sent.email, sent.language) == ("new@staff.example", "en")
    link = link_in(sent)
    shows(client.get(link, headers={"accept-language": "en"}), "New password", "new@staff.example")
    assert client.post(link, {"password": "short"}).status_code == 400
    shows(client.post(link, {"password": GOOD}, follow=True), "password")
    assert client.get(link).status_code == 410
    assert client.post("/desk/login/", {"login": "new@staff.example", "password": GOOD}).headers["Location"] == "/desk/"
    nina = StaffProfile.objects.get(name="Nina")
    assert [team.slug for team in nina.teams.all()] == ["first-line"]
    assert events_of(nina) == ["StaffInvited", "StaffLetterQueued", "InvitationTaken"]


def test_outside_demo_the_code_app_is_part_of_it(admin, client, settings):
    admin.post("/setup/people/invitation/", NEW)
    settings.DEMO = False
    link = link_in(StaffLetter.objects.get())
    page = client.get(link).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1]
    assert "<svg" in page
    assert client.post(link, {"password": GOOD, "code": "000000"}).status_code == 400
    assert secret in client.get(link).content.decode()
    key = client.session["enrolling"]
    assert client.post(link, {"password": GOOD, "code": f"{totp(bytes.fromhex(key)):06d}"}).status_code == 302
    assert TOTPDevice.objects.filter(user__email="new@staff.example", confirmed=True, key=key).count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"email": "nobody"}, "This is no e-mail address"),
        ({"email": "admin@staff.example"}, "Somebody has this address already"),
        ({"name": " "}, "Say the name that colleagues read"),
        ({"name": "x" * 151}, "longer than 150"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(admin, more, words):
    answer = admin.post("/setup/people/invitation/", NEW | {"public_name": "Support <N>"} | more)
    assert answer.status_code == 400
    shows(answer, words, "Support &lt;N&gt;", 'value="first-line" checked', "Error:")
    assert not StaffLetter.objects.exists()


def test_a_made_up_role_is_no_address_of_ours(admin):
    assert admin.post("/setup/people/invitation/", NEW | {"role": "root"}).status_code == 404


def test_role_and_teams_change_with_the_next_page_the_person_opens(admin):
    agent = signed_in(person("agent1", "agent", "first-line"))
    profile = StaffProfile.objects.get(user__login="agent1")
    shows(admin.get(f"/setup/people/{profile.pk}/"), "agent1@staff.example", 'value="first-line" checked')
    changed = {"name": "Agent1", "role": "quality", "teams": ["specialists"]}
    assert admin.post(f"/setup/people/{profile.pk}/", changed).status_code == 302
    assert "KeyR" not in agent.get("/desk/").content.decode()
    assert events_of(profile) == ["StaffRoleChanged", "StaffTeamsChanged"]
    admin.post(f"/setup/people/{profile.pk}/", changed)
    assert len(events_of(profile)) == 2


def test_blocking_ends_sessions_invitations_and_frees_the_tickets(admin):
    agent = signed_in(person("agent1", "agent", "first-line"))
    profile = StaffProfile.objects.get(user__login="agent1")
    mine, done = (
        Ticket.objects.get(pk=receive(letter(message_id=raw), origin=origin(raw), now=NOW).ticket_id) for raw in "ab"
    )
    for ticket in (mine, done):
        assignment.claim(ticket.number, by=profile.actor(), now=NOW)
    Ticket.objects.filter(pk=done.pk).update(status="closed")
    people.send_invitation(profile, by="system", now=NOW)
    shows(admin.post(f"/setup/people/{profile.pk}/blocking", follow=True), "Blocked. 1 ticket is nobody", "Unblock")
    mine.refresh_from_db()
    done.refresh_from_db()
    assert (mine.assignee_id, done.assignee_id) == (None, profile.pk)
    assert agent.get("/desk/").status_code == 302
    assert Client().get(link_in(StaffLetter.objects.get())).status_code == 410
    assert Client().post("/desk/login/", {"login": "agent1", "password": PASSWORD}).status_code == 400
    admin.post(f"/setup/people/{profile.pk}/unblocking")
    assert Client().post("/desk/login/", {"login": "agent1", "password": PASSWORD}).status_code == 302
    assert events_of(profile)[-2:] == ["StaffBlocked", "StaffUnblocked"]


def test_nobody_locks_himself_out_or_removes_the_last_who_is_needed(admin):
    me = StaffProfile.objects.get(user__login="admin")
    shows(admin.post(f"/setup/people/{me.pk}/blocking", follow=True), "You would lock yourself out")
    shows(admin.post(f"/setup/people/{me.pk}/", {"name": "A", "role": "agent"}), "You would lock yourself out")
    lead, _agent = cast.person("lead", "lead"), cast.person("agent1", "agent", "first-line")
    shows(admin.post(f"/setup/people/{lead.pk}/blocking", follow=True), "Make somebody else a lead first")
    assert admin.post("/setup/people/999999/blocking").status_code == 404
    assert admin.get("/setup/people/999999/").status_code == 404


def test_a_recovery_ends_what_was_and_a_new_link_begins_again(admin):
    agent = signed_in(person("agent1", "agent", "first-line"))
    profile = StaffProfile.objects.get(user__login="agent1")
    TOTPDevice.objects.create(user=profile.user, name="phone", confirmed=True)
    Passkey.objects.create(user=profile.user, name="Key", credential_id=b"1", public_key=b"2", sign_count=0)
    page = f"/setup/people/{profile.pk}/recovery/"
    device = TOTPDevice.objects.create(user=User.objects.get(login="admin"), name="phone", confirmed=True)
    assert admin.post(page).url.startswith("/desk/proof/"), "not by a session left open"
    assert TOTPDevice.objects.filter(user=profile.user).exists()
    assert (
        admin.post("/desk/proof/", seen(admin, page, realm="desk") | {"code": f"{totp(device.bin_key):06d}"}).url
        == page
    )
    shows(admin.get(page), "Begin the recovery")
    admin.post(page)
    assert not Passkey.objects.exists()
    assert admin.post(page).status_code == 302, "one proof, one recovery"
    assert not TOTPDevice.objects.filter(user=profile.user).exists()
    assert agent.get("/desk/").status_code == 302
    assert Client().post("/desk/login/", {"login": "agent1", "password": PASSWORD}).status_code == 400
    assert Client().get(link_in(StaffLetter.objects.get())).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one():
    cast.desk()
    one, two = cast.person("one", "admin"), cast.person("two", "admin")

    def demote(who: StaffProfile, by: StaffProfile) -> str:
        try:
            people.change(who.pk, About(who.name, Role.AGENT), by=f"staff:{by.pk}", now=NOW)
        except Refused as refused:
            return refused.code
        finally:
            close_old_connections()
        return ""

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(demote, (one, two), (two, one)))
    assert codes == ["", "last_administrator"]


def test_a_real_installation_begins_with_an_administrator(capsys, client):
    call_command("create_admin", "root@staff.example", "Ирина", "Орлова")
    link = re.search(r"(/desk/invitation/\S+)", capsys.readouterr().out)[1]
    assert client.post(link, {"password": GOOD}).status_code == 302
    answer = client.post("/desk/login/", {"login": "root@staff.example", "password": GOOD})
    assert answer.headers["Location"] == "/setup/"
