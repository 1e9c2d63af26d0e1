"""A critical action from its request to its end, as those who take part live it."""

from datetime import timedelta

import pytest
from django.utils import translation

from assurance.models import AccountLetter, ActionKind, Confirmation, CriticalAction, Evidence, FailedProof, Pressure
from assurance.services.letters import words_of
from automation.models import Notification
from core.trust import Level
from customers.models import Account, Contact, ContactRole
from customers.services.confidential import Confidential, on_file, write
from events.models import Event
from events.worker import drain
from tests.cast import ANNA, NOW
from tests.tickets.trust import ADMINISTRATIVE, account, an_agent, asked, letters_with, mailed, the_owner, the_ticket
from tickets.access import NotVisible
from tickets.models import Clock, Ticket
from tickets.numbers import pretty
from tickets.services.critical import acting, pressing, proving
from tickets.services.refused import Refused
from users import recovery
from users.models import Passkey, RecoveryCode, User

pytestmark = pytest.mark.django_db
FRESH = timedelta(minutes=1)


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


def test_from_request_to_execution_by_mail() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent)
    assert action.words == "Сбросить пароль для входа annahost в аккаунте «ООО «Ромашка»»."
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.status == "waiting_confirmation"
    assert Clock.objects.get(ticket=ticket).due_at is None
    question = AccountLetter.objects.get()
    assert question.email == ADMINISTRATIVE
    assert len(letters_with(action.words, email=ADMINISTRATIVE)) == 1
    assert action.words not in question.text
    with refused("action_not_authorised"):
        acting.execute(action.public_id, by=agent, now=NOW)
    token, code = mailed()
    assert proving.confirm(token, code.lower(), now=NOW)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.level) == ("open", Level.VOUCHED)
    acting.execute(action.public_id, by=agent, now=NOW)
    action.refresh_from_db()
    assert (action.state, action.ended_by, action.proof) == ("executed", agent.key, "administrative_mail")
    with refused("action_not_authorised"):
        acting.execute(action.public_id, by=agent, now=NOW)
    told = AccountLetter.objects.exclude(pk=question.pk)
    assert {letter.email for letter in told} == {ADMINISTRATIVE, "anna@hosting-client.example"}
    journal = Event.objects.filter(stream=f"ticket:{ticket.pk}", type__startswith="Action").order_by("id")
    assert list(journal.values_list("type", flat=True)) == [
        "ActionRequested", "ActionConfirmationAsked", "ActionAuthorised", "ActionExecuted",
    ]  # fmt: skip


def test_a_confirmed_request_lifts_its_ticket() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent, "confirm_request", x="")
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    proving.confirm(*mailed(), now=NOW)
    ticket.refresh_from_db()
    assert (ticket.level, CriticalAction.objects.get().state) == (Level.AUTHORISED, "executed")
    assert Evidence.objects.get(kind="confirmation").scope == "request"


def test_one_confirmed_in_the_panel_lifts_it_no_higher_than_a_ticket_goes() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent, "confirm_request", x="")
    proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.level, CriticalAction.objects.get().proof_level) == (Level.AUTHORISED, Level.STRONGLY_AUTHORISED)


def test_refused_by_one_press_it_holds_the_account_and_calls_the_leads() -> None:
    one = account()
    lead = an_agent("lead", "lead")
    ticket, agent = the_ticket(), an_agent()
    first, other = asked(ticket, agent), asked(ticket, agent, login="another")
    for each in (first, other):
        proving.ask_by_mail(each.public_id, by=agent, now=NOW)
    proving.confirm(*mailed(), now=NOW)
    token, _ = mailed(place=0)
    proving.refuse_by_mail(token, now=NOW)
    first.refresh_from_db()
    assert first.state == "refused"
    assert Pressure.objects.get(account=one).reasons == ["refused"]
    drain(lambda: NOW)
    assert Notification.objects.filter(staff_id=lead.staff_id, kind="alarm").exists()
    with refused("action_pressure"):
        acting.execute(other.public_id, by=agent, now=NOW)
    with pytest.raises(NotVisible):
        pressing.lift(ticket.number, by=agent, now=NOW)
    pressing.lift(ticket.number, by=lead, now=NOW)
    acting.execute(other.public_id, by=agent, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_lead_lifts_the_hold_in_a_transaction_of_its_own() -> None:
    """Where no test's transaction stands around it, as on a running desk."""
    account()
    ticket, lead = the_ticket(), an_agent("lead", "lead")
    pressing.press(ticket.number, by=lead, now=NOW)
    pressing.lift(ticket.number, by=lead, now=NOW)
    assert not Pressure.objects.filter(lifted_at=None).exists()


def test_the_owner_approves_in_the_panel_with_a_fresh_factor() -> None:
    one = account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent, "change_administrative_email", new_email="new@hosting-client.example")
    with refused("mail_never_suffices"):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    for age in (None, timedelta(minutes=6)):
        with refused("fresh_factor_needed"):
            proving.approve(action.public_id, customer=the_owner(), factor_age=age, now=NOW)
    proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
    acting.execute(action.public_id, by=agent, now=NOW)
    assert on_file([one.pk])[one.pk].administrative_email == "new@hosting-client.example"
    for email in (ADMINISTRATIVE, "new@hosting-client.example"):
        assert letters_with("исполнено", email=email)


def test_whoever_may_not_authorise_approves_nothing() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent)
    ContactRole.objects.update(role="technical")
    with pytest.raises(NotVisible):
        proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
    with pytest.raises(NotVisible):
        proving.refuse(action.public_id, customer=the_owner(), now=NOW)


def test_a_second_colleague_looks_where_the_kind_demands() -> None:
    account()
    ticket, agent, other = the_ticket(), an_agent(), an_agent("other")
    action = asked(ticket, agent, "refund", amount="100 ₽", where="счёт")
    proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
    with refused("action_second_person"):
        acting.execute(action.public_id, by=agent, now=NOW)
    acting.second(action.public_id, by=agent, now=NOW)
    with refused("action_same_person"):
        acting.execute(action.public_id, by=agent, now=NOW)
    acting.execute(action.public_id, by=other, now=NOW)


def test_a_line_of_the_catalogue_below_what_is_built_in_demands_what_is_built_in() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    ActionKind.objects.update(level=0, hold_hours=0, needs_second_person=False)
    weak = asked(ticket, agent, "delete_data", what="annashop.example")
    assert (weak.level_needed, weak.hold_hours, weak.needs_second_person) == (Level.STRONGLY_AUTHORISED, 24, True)


def test_one_weighty_change_holds_the_next_for_three_days() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    for place in (1, 2):
        action = asked(ticket, agent, "change_administrative_email", new_email=f"new{place}@hosting-client.example")
        proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
        if place == 1:
            acting.execute(action.public_id, by=agent, now=NOW)
    with refused("action_weighty_before"):
        acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=71))
    acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=72))


def test_recovery_needs_a_document_two_people_and_three_days() -> None:
    account()
    ticket, agent, other = the_ticket(), an_agent(), an_agent("other")
    given = {"document": "in_person", "login": "annahost", "new_email": "new@hosting-client.example"}
    with refused("missing_document"):
        asked(ticket, agent, "recovery", **given | {"document": "scan"})
    action = asked(ticket, agent, "recovery", **given)
    proving.accept_document(action.public_id, by=agent, now=NOW)
    with refused("action_held"):
        acting.execute(action.public_id, by=other, now=NOW + timedelta(hours=71))
    with refused("action_same_person"):
        acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=72))
    acting.execute(action.public_id, by=other, now=NOW + timedelta(hours=72))
    normal = asked(ticket, agent)
    with refused("no_such_action"):
        proving.accept_document(normal.public_id, by=agent, now=NOW)


def switched_off(login: str) -> None:
    ticket, agent, other = the_ticket(), an_agent(), an_agent("other")
    action = asked(ticket, agent, "second_factor_off", login=login)
    proving.approve(action.public_id, customer=the_owner(), factor_age=FRESH, now=NOW)
    acting.second(action.public_id, by=other, now=NOW)
    acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=72))


def one_who_signs_in(one: Account) -> Contact:
    user = User.objects.create_user("petr@hosting-client.example", None, login="petr")
    contact = Contact.objects.create(given_name="Пётр", user=user)
    ContactRole.objects.create(account=one, contact=contact, role="technical")
    Passkey.objects.create(user=user, name="Key", credential_id=b"1", public_key=b"2", sign_count=0)
    recovery.make(user, person=f"contact:{contact.pk}", now=NOW)
    return contact


@pytest.mark.parametrize("login", ["petr", " Petr@Hosting-client.example"])
def test_a_second_factor_switched_off_is_gone_with_its_codes_and_its_owner_hears(login: str) -> None:
    one_who_signs_in(account())
    switched_off(login)
    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.exists()
    drain(lambda: NOW + timedelta(hours=72))
    assert letters_with("отключён вместе с резервными кодами", email="petr@hosting-client.example")


def test_one_account_switches_off_no_factor_that_decides_about_another() -> None:
    contact = one_who_signs_in(account())
    ContactRole.objects.create(account=Account.objects.create(kind="person", name="B"), contact=contact, role="owner")
    with refused("factor_of_other_accounts"):
        switched_off("petr")
    assert Passkey.objects.exists()
    assert not CriticalAction.objects.exists()


def test_what_cannot_be_asked_for_is_refused_with_its_reason() -> None:
    one = account()
    ticket, agent = the_ticket(), an_agent()
    with refused("missing_login"):
        asked(ticket, agent, login="")
    with refused("bad_email"):
        asked(ticket, agent, "change_administrative_email", new_email="nobody")
    with refused("no_such_action"):
        asked(ticket, agent, "format_everything", x="")
    asked(ticket, agent)
    with refused("asked_already"):
        asked(ticket, agent)
    for place in range(2):
        asked(ticket, agent, login=f"one{place}")
    with refused("too_many_open"):
        asked(ticket, agent, login="fourth")
    Ticket.objects.filter(pk=ticket.pk).update(account=None)
    with refused("no_account"):
        asked(ticket, agent, login="fifth")
    with pytest.raises(NotVisible):
        asked(ticket, an_agent("quality", "quality"))
    assert CriticalAction.objects.filter(account=one).count() == 3


def test_without_an_address_on_file_nobody_is_asked_and_no_more_than_five_letters_a_day() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent)
    for _ in range(5):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    with refused("too_many_letters"):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    assert Confirmation.objects.filter(expires_at__gt=NOW).count() == 1
    Confirmation.objects.all().delete()
    write({action.account_id: Confidential()})
    with refused("no_administrative_address"):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)


def test_what_nobody_answers_expires_and_the_clock_goes_on() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    acting.expire(NOW + timedelta(days=6))
    acting.expire(NOW + timedelta(days=7))
    action.refresh_from_db()
    ticket.refresh_from_db()
    assert (action.state, ticket.status) == ("expired", "open")
    assert Clock.objects.get(ticket=ticket).is_open


def test_wrong_codes_are_counted_and_become_a_sign() -> None:
    one = account()
    ticket, agent = the_ticket(), an_agent()
    action = asked(ticket, agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    token, code = mailed()
    for _ in range(5):
        assert not proving.confirm(token, "WRONGONE", now=NOW)
    with refused("action_not_open"):
        proving.confirm(token, code, now=NOW)
    assert FailedProof.objects.filter(account=one).count() == 5
    assert Pressure.objects.get(account=one).reasons == ["failed_proofs"]


def test_the_agents_own_button_raises_the_flag_once() -> None:
    one = account()
    ticket, agent = the_ticket(), an_agent()
    pressing.press(ticket.number, by=agent, now=NOW)
    pressing.press(ticket.number, by=agent, now=NOW)
    assert Pressure.objects.get(account=one).raised_by == agent.key
    assert Event.objects.filter(type="PressureRaised").count() == 1


def test_a_letter_that_asks_is_all_in_the_language_of_its_account_and_names_the_door() -> None:
    account()
    ticket, agent = the_ticket(), an_agent()
    with translation.override("en"):  # the colleague's
        action = asked(ticket, agent)
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
        acting.cancel(action.public_id, by=agent, now=NOW)
    question, outcome = AccountLetter.objects.order_by("pk")[:2]
    number = pretty(ticket.number)
    assert question.subject == f"Подтвердите или отклоните: {number}"
    assert f"Просит: {ANNA}" in words_of(question)
    assert "МСК, письмом." in words_of(question)
    assert outcome.subject == f"О вашем аккаунте: {number}"
