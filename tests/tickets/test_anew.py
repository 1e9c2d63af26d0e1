"""The sole owner of an account lost telephone, key and recovery codes: how he gets in again, and who may stop it."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from assurance.models import CriticalAction, Evidence, Pressure
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.services.confidential import on_file
from events.models import Event
from events.worker import drain
from staff.actor import Actor
from tests.cast import ANNA, NOW
from tests.tickets.trust import ADMINISTRATIVE, account, an_agent, asked, letters_with, mailed, the_owner, the_ticket
from tickets.models import Ticket
from tickets.queries.critical import trust_page
from tickets.services.critical import acting, anew, proving
from tickets.services.refused import Refused
from users import recovery, second_factor
from users.models import Passkey, RecoveryCode, SignedIn, User

pytestmark = pytest.mark.django_db
DAYS = timedelta(hours=72)
NEW = "new@hosting-client.example"
PASSWORD = "eleven grey herons"


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


def the_account() -> Account:
    """Anna is its sole owner, signs in by `anna`, and has an app, a passkey, codes and an open session."""
    one = account()
    user = User.objects.create_user(ANNA, "old password of hers", login="anna")
    contact = Contact.objects.get(given_name="Анна")
    contact.user = user
    contact.save()
    second_factor.begin_app(user, second_factor.new_key(), person=f"contact:{contact.pk}", now=NOW)
    Passkey.objects.create(user=user, name="Key", credential_id=b"1", public_key=b"2", sign_count=0)
    recovery.make(user, person=f"contact:{contact.pk}", now=NOW)
    session = SessionStore()
    session.create()
    values = {"user": user, "realm": "panel", "browser": "", "made_at": NOW, "seen_at": NOW}
    SignedIn.objects.create(session_id=session.session_key, **values)
    return one


def a_recovery(by: Actor, ticket: Ticket | None = None, **more: str) -> CriticalAction:
    given = {"document": "in_person", "login": "anna", "new_email": NEW} | more
    return asked(ticket or the_ticket(), by, "recovery", **given)


def recovered() -> tuple[CriticalAction, Actor, Actor]:
    agent, other = an_agent(), an_agent("other")
    action = a_recovery(agent)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    return acting.execute(action.public_id, by=other, now=NOW + DAYS), agent, other


def link_to(email: str) -> str:
    found = re.search(r"(/panel/beginning/\S+)", letters_with("/panel/beginning/", email=email)[-1])
    assert found
    return found[1]


def begun(link: str, password: str = PASSWORD) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert "Begin anew" in client.get(link).content.decode()
    code = f"{totp(bytes.fromhex(client.session['beginning'])):06d}"
    answer = client.post(link, {"password": password, "code": code})
    assert (answer.status_code, answer.headers.get("location")) == (302, "/panel/login/"), answer.content.decode()
    return client


def test_at_its_end_all_he_proved_himself_with_is_gone_and_a_link_goes_to_the_new_address() -> None:
    one = the_account()
    action, _, other = recovered()
    user = User.objects.get(login="anna")
    assert not (TOTPDevice.objects.exists() or Passkey.objects.exists() or RecoveryCode.objects.exists())
    assert not SignedIn.objects.exists()
    assert not user.has_usable_password()
    assert on_file([one.pk])[one.pk].administrative_email == NEW
    for email in (ADMINISTRATIVE, ANNA, NEW):
        assert letters_with("исполнено", email=email)
    assert not letters_with("/panel/beginning/", email=ADMINISTRATIVE)
    assert not letters_with("/panel/beginning/", email=ANNA)
    link = link_to(NEW)
    begun(link)
    assert Client().post("/panel/login/", {"login": "anna", "password": PASSWORD}).status_code == 302
    assert TOTPDevice.objects.get().user == user
    assert Client().get(link).status_code == 410
    drain(lambda: NOW + DAYS)
    assert letters_with("отключён вместе с резервными кодами", email=ANNA)
    assert letters_with("добавлен второй фактор", email=NEW)
    told = Event.objects.filter(stream=f"ticket:{action.ticket_id}", type__startswith="Action").order_by("id")
    assert list(told.values_list("type", "actor")) == [
        ("ActionRequested", action.requested_by),
        ("ActionAnnounced", action.requested_by),
        ("ActionAuthorised", action.requested_by),
        ("ActionAnnounced", action.requested_by),
        ("ActionExecuted", other.key),
    ]


def test_whoever_keeps_his_mailbox_names_it_and_it_stays_the_administrative_one() -> None:
    one = the_account()
    before = on_file([one.pk])[one.pk]
    agent, other = an_agent(), an_agent("other")
    action = a_recovery(agent, new_email=ADMINISTRATIVE)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    acting.execute(action.public_id, by=other, now=NOW + DAYS)
    assert on_file([one.pk])[one.pk] == before
    begun(link_to(ADMINISTRATIVE))


def test_a_wrong_code_or_a_weak_password_uses_nothing_up() -> None:
    the_account()
    recovered()
    link, client = link_to(NEW), Client(headers={"accept-language": "en"})
    client.get(link)
    right = f"{totp(bytes.fromhex(client.session['beginning'])):06d}"
    wrong = "000000" if right != "000000" else "111111"
    for form, words in (
        ({"password": PASSWORD, "code": wrong}, "This code does not fit"),
        ({"password": "short", "code": right}, "too short"),
    ):
        answer = client.post(link, form)
        assert answer.status_code == 400
        assert words in answer.content.decode()
    assert not TOTPDevice.objects.exists()
    begun(link)


def test_everybody_on_file_may_stop_it_until_the_last_moment() -> None:
    one = the_account()
    ContactPoint.objects.create(account=one, kind="email", value="studio@elsewhere.example", on_file_since=NOW)
    agent, other = an_agent(), an_agent("other")
    for email in (ADMINISTRATIVE, ANNA, "studio@elsewhere.example"):
        action = a_recovery(agent, new_email=f"for-{email}")
        proving.accept_document(action.public_id, by=agent, now=NOW)
        told = letters_with(action.words, email=email)
        assert len(told) == 2, "when it was asked for, and when the document was accepted"
        for text in told:
            token = text.split("/confirm/")[1].split("/")[0]
            question = proving.question(token, now=NOW)
            assert question
            assert (question.is_open, question.may_refuse) == (False, True)
        page = Client(headers={"accept-language": "ru"}).post(f"/confirm/{token}/", {"answer": "refuse"})
        assert page.status_code == 200
        action.refresh_from_db()
        assert action.state == "refused"
        with refused("action_not_authorised"):
            acting.execute(action.public_id, by=other, now=NOW + DAYS)
        assert Pressure.objects.filter(account=one, lifted_at=None).exists()
    assert Passkey.objects.exists()


def test_the_owner_who_still_signs_in_stops_it_in_the_panel() -> None:
    the_account()
    agent = an_agent()
    action = a_recovery(agent)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    Passkey.objects.all().delete()
    TOTPDevice.objects.all().delete()
    client = Client(headers={"accept-language": "en"})
    client.post("/panel/login/", {"login": "anna", "password": "old password of hers"})
    assert action.words in client.get("/panel/").content.decode()
    assert "It was not me" in client.get(f"/panel/decisions/{action.public_id}/").content.decode()
    client.post(f"/panel/decisions/{action.public_id}/refusal")
    action.refresh_from_db()
    assert action.state == "refused"


def test_every_number_on_file_is_called_before() -> None:
    one = the_account()
    points = [ContactPoint.objects.create(account=one, kind="phone", value=f"+7495123456{n}").pk for n in range(2)]
    agent, other = an_agent(), an_agent("other")
    ticket = the_ticket()
    action = a_recovery(agent, ticket)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    for point, answer in zip(points, ("reached", "nobody"), strict=True):
        with refused("action_number_not_called"):
            acting.execute(action.public_id, by=other, now=NOW + DAYS)
        anew.called(action.public_id, point, answer, by=agent, now=NOW)
        with refused("no_such_phone"):
            anew.called(action.public_id, point, answer, by=agent, now=NOW)
    assert set(trust_page(agent, ticket.number, now=NOW).actions[0].numbers_called) == set(points)
    acting.execute(action.public_id, by=other, now=NOW + DAYS)
    journal = Event.objects.filter(type="ActionNumberCalled").order_by("id")
    assert [each.payload.data["answer"] for each in journal] == ["reached", "nobody"]


def test_whoever_answers_that_it_was_not_him_ends_it() -> None:
    one = the_account()
    point = ContactPoint.objects.create(account=one, kind="phone", value="+74951234567")
    agent = an_agent()
    action = a_recovery(agent)
    anew.called(action.public_id, point.pk, "not_him", by=agent, now=NOW)
    action.refresh_from_db()
    assert action.state == "refused"
    assert Pressure.objects.get(account=one).reasons == ["refused"]
    with refused("action_not_open"):
        anew.called(action.public_id, point.pk, "reached", by=agent, now=NOW)


def test_three_days_long_nothing_is_carried_out_after_it() -> None:
    the_account()
    ticket, agent, other = the_ticket(), an_agent(), an_agent("other")
    before = asked(ticket, agent)
    proving.ask_by_mail(before.public_id, by=agent, now=NOW)
    proving.confirm(*mailed(), now=NOW)
    action = a_recovery(agent, ticket, new_email=ADMINISTRATIVE)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    done = NOW + DAYS
    acting.execute(action.public_id, by=other, now=done)
    with refused("action_begun_anew"):
        acting.execute(before.public_id, by=agent, now=done + DAYS - timedelta(seconds=1))
    identity = acting.request(ticket.number, "confirm_request", {}, by=agent, now=done)
    proving.ask_by_mail(identity.public_id, by=agent, now=done)
    proving.confirm(*mailed(), now=done)
    assert not Evidence.objects.filter(kind="confirmation").exists()
    acting.execute(identity.public_id, by=agent, now=done + DAYS)
    assert Evidence.objects.filter(kind="confirmation").exists()
    acting.execute(before.public_id, by=agent, now=done + DAYS)


def test_a_link_that_ran_out_is_sent_once_more_to_the_same_address_and_never_to_another() -> None:
    one = the_account()
    action, agent, _ = recovered()
    later = NOW + DAYS + timedelta(days=4)
    anew.send_link(action.public_id, by=agent, now=later)
    assert len(letters_with("/panel/beginning/", email=NEW)) == 2
    ContactPoint.objects.filter(account=one, kind="email").update(value="moved@hosting-client.example")
    from customers.services.confidential import change_administrative_email

    change_administrative_email(one.pk, "another@hosting-client.example", now=later)
    with refused("action_not_open"):
        anew.send_link(action.public_id, by=agent, now=later)
    change_administrative_email(one.pk, NEW, now=later)
    begun(link_to(NEW))
    with refused("action_not_open"):
        anew.send_link(action.public_id, by=agent, now=later)


def test_nobody_is_written_to_about_a_sign_in_that_is_not_there() -> None:
    the_account()
    for login in ("annna", "annahost"):  # the second is the login of the account, by which nobody of it signs in here
        with refused("no_such_sign_in"):
            a_recovery(an_agent(f"by-{login}"), login=login)
    assert not letters_with("")
    assert not CriticalAction.objects.exists()


def test_a_sign_in_with_roles_elsewhere_is_not_weakened_by_one_account() -> None:
    the_account()
    contact = Contact.objects.get(given_name="Анна")
    other = Account.objects.create(kind="person", name="B")
    ContactRole.objects.create(account=other, contact=contact, role="technical")
    with refused("factor_of_other_accounts"):
        a_recovery(an_agent())


def test_one_contact_begins_anew_by_the_decision_of_another_and_by_his_own_address() -> None:
    one = the_account()
    user = User.objects.create_user("petr@hosting-client.example", "petrs own password", login="petr")
    petr = Contact.objects.create(given_name="Пётр", user=user)
    ContactRole.objects.create(account=one, contact=petr, role="technical")
    Passkey.objects.create(user=user, name="Key", credential_id=b"3", public_key=b"4", sign_count=0)
    agent, other = an_agent(), an_agent("other")
    action = asked(the_ticket(), agent, "second_factor_off", login="petr")
    assert letters_with(action.words, email="petr@hosting-client.example")
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    acting.second(action.public_id, by=other, now=NOW)
    with refused("action_held"):
        acting.execute(action.public_id, by=agent, now=NOW + DAYS - timedelta(seconds=1))
    acting.execute(action.public_id, by=agent, now=NOW + DAYS)
    assert list(Passkey.objects.values_list("user__login", flat=True)) == ["anna"]
    begun(link_to("petr@hosting-client.example"))
    assert TOTPDevice.objects.filter(user=user).exists()
    assert read_clock() - TOTPDevice.objects.get(user=user).created_at < timedelta(minutes=10)
