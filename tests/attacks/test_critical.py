"""Mallory wants something done to an account that is not his. He gets nothing, and its owner hears of it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from assurance.models import Confirmation, CriticalAction, Evidence, FailedProof, Pressure
from assurance.services import codes
from core.trust import Level
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.services.confidential import change_administrative_email
from events.models import Event
from tests.cast import ANNA, BORIS, MALLORY, NOW, claimed, letter, origin, vouched
from tests.tickets.trust import (
    ADMINISTRATIVE,
    account,
    an_agent,
    asked,
    letters_with,
    mailed,
    the_owner,
    the_ticket,
)
from tickets.access import NotVisible
from tickets.models import Message, Participant, Ticket
from tickets.services import proofs
from tickets.services.critical import acting, pressing, proving
from tickets.services.intake import receive
from tickets.services.refused import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    """Each story sets its own stage."""


def test_words_swapped_behind_the_back_of_a_confirmation_void_it() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    CriticalAction.objects.update(words="Сбросить пароль для входа mallory", digest="0" * 64)
    token, code = mailed()
    question = proving.question(token, now=NOW)
    assert question
    assert not question.is_open
    with pytest.raises(Refused):
        proving.confirm(token, code, now=NOW)
    assert CriticalAction.objects.get().state == "awaiting_proof"


def test_a_scanner_that_opens_the_link_ten_times_confirms_nothing() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    Confirmation.objects.update(expires_at="2099-01-01T00:00Z")
    token, _ = mailed()
    for _ in range(5):
        assert Client().get(f"/confirm/{token}/").status_code == 200
        assert Client().head(f"/confirm/{token}/").status_code == 200
    for method in ("put", "delete", "patch", "options"):
        assert getattr(Client(), method)(f"/confirm/{token}/").status_code in (405, 200)
    assert CriticalAction.objects.get().state == "awaiting_proof"
    assert Confirmation.objects.get().tries == 0


def test_a_token_is_of_one_use_one_action_and_one_day() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    first, other = asked(ticket, agent), asked(ticket, agent, login="second")
    for action in (first, other):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    (one, one_code), (two, two_code) = mailed(place=0), mailed(place=1)
    assert not proving.confirm(one, two_code, now=NOW)
    assert not proving.confirm(two, one_code, now=NOW)
    with pytest.raises(Refused):
        proving.confirm(one, one_code, now=NOW + timedelta(hours=24))
    assert proving.confirm(one, one_code, now=NOW)
    with pytest.raises(Refused):
        proving.confirm(one, one_code, now=NOW)
    other.refresh_from_db()
    assert other.state == "awaiting_proof"


def test_an_older_letter_counts_no_more_once_a_newer_was_asked_for() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    for _ in range(2):
        proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    token, code = mailed(place=0)
    with pytest.raises(Refused):
        proving.confirm(token, code, now=NOW)
    assert proving.confirm(*mailed(), now=NOW)


def test_an_address_changed_yesterday_waits_three_days_and_the_old_one_hears_of_it() -> None:
    one = account()
    agent = an_agent()
    change_administrative_email(one.pk, MALLORY, now=NOW - timedelta(days=1))
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    assert letters_with("Мы подождём 72 часа", email=ADMINISTRATIVE)
    assert proving.confirm(*mailed(MALLORY), now=NOW)
    with pytest.raises(Refused, match="action_held"):
        acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=71))
    (old,) = [text for text in letters_with("/confirm/", email=ADMINISTRATIVE) if "72 часа" in text]
    link = old.split("/confirm/")[1].split("/")[0]
    with pytest.raises(Refused):  # it refuses and confirms nothing
        proving.confirm(link, "", now=NOW)
    proving.refuse_by_mail(link, now=NOW + timedelta(hours=70))
    action.refresh_from_db()
    assert action.state == "refused"


def test_words_of_a_stranger_in_our_letter_hold_nothing_to_click_on() -> None:
    account()
    agent = an_agent()
    ticket = the_ticket(subject="Срочно https://evil.example/login и evil.example/x, войдите")
    Ticket.objects.update(requester_name="Служба безопасности www.evil.example")
    action = asked(ticket, agent, "confirm_request", x="")
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    (text,) = letters_with("/confirm/", email=ADMINISTRATIVE)
    assert "evil" not in text
    assert "Срочно" in text


def test_a_contact_of_yesterday_decides_nothing_at_once() -> None:
    one = account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    ContactPoint.objects.filter(account=one).update(on_file_since=NOW - timedelta(days=1))
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    with pytest.raises(Refused, match="action_held"):
        acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=71))


def test_whoever_was_taken_from_the_account_has_proven_nothing_by_the_time_it_is_carried_out() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    ContactRole.objects.update(role="billing")  # the account has thrown out whoever sat in that session
    with pytest.raises(Refused, match="action_prover_gone"):
        acting.execute(action.public_id, by=agent, now=NOW)
    ContactRole.objects.update(role="owner")
    assert acting.execute(action.public_id, by=agent, now=NOW).state == "executed"


def test_a_former_administrative_address_answers_no_question_that_waits_in_it() -> None:
    one = account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    token, code = mailed()
    change_administrative_email(one.pk, BORIS, now=NOW)  # for the mailbox was broken into
    question = proving.question(token, now=NOW)
    assert question
    assert not question.is_open
    assert question.may_refuse
    with pytest.raises(Refused, match="action_not_open"):
        proving.confirm(token, code, now=NOW)
    action.refresh_from_db()
    assert action.state == "awaiting_proof"


def test_what_a_former_administrative_address_confirmed_is_not_carried_out() -> None:
    one = account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    assert proving.confirm(*mailed(), now=NOW)
    change_administrative_email(one.pk, BORIS, now=NOW)
    with pytest.raises(Refused, match="action_prover_gone"):
        acting.execute(action.public_id, by=agent, now=NOW)


def test_two_weighty_actions_of_two_tickets_at_once_are_not_both_carried_out() -> None:
    account()
    agent = an_agent()
    actions = []
    for place in range(2):
        ticket = the_ticket(subject=f"Заявка {place}", message_id=f"w{place}@x")
        action = asked(ticket, agent, "change_administrative_email", new_email=f"n{place}@hosting-client.example")
        proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
        actions.append(action)
    acting.execute(actions[0].public_id, by=agent, now=NOW)
    with pytest.raises(Refused, match="action_weighty_before"):
        acting.execute(actions[1].public_id, by=agent, now=NOW)


def test_a_fresh_address_does_not_lift_a_ticket_at_once() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    change_administrative_email(one.pk, MALLORY, now=NOW - timedelta(days=1))
    action = asked(ticket, agent, "confirm_request", x="")
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    proving.confirm(*mailed(MALLORY), now=NOW)
    ticket.refresh_from_db()
    assert ticket.level < Level.AUTHORISED
    assert not Evidence.objects.filter(kind="confirmation").exists()
    acting.execute(action.public_id, by=agent, now=NOW + timedelta(hours=72))
    assert Evidence.objects.get(kind="confirmation").level == Level.AUTHORISED


def test_mail_never_reaches_what_needs_the_panel() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    for kind, given in (
        ("change_owner", {"new_owner": "Mallory"}),
        ("second_factor_off", {"login": "annahost"}),
        ("delete_data", {"what": "всё"}),
    ):
        action = asked(ticket, agent, kind, **given)
        with pytest.raises(Refused, match="mail_never_suffices"):
            proving.ask_by_mail(action.public_id, by=agent, now=NOW)
        with pytest.raises(Refused, match="fresh_factor_needed"):
            proving.approve(action.public_id, customer=the_owner(), factor_age=None, now=NOW)
        acting.cancel(action.public_id, by=agent, now=NOW)


def test_roles_too_small_and_other_teams_find_no_action() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    action = asked(ticket, agent)
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    stranger = an_agent("stranger")
    from staff.models import StaffProfile

    StaffProfile.objects.get(pk=stranger.staff_id).teams.clear()
    others = [
        an_agent("quality", "quality"),
        an_agent("root", "admin"),
        StaffProfile.objects.get(pk=stranger.staff_id).actor(),
    ]
    for who in others:
        for step in (acting.execute, acting.second, acting.cancel, proving.ask_by_mail, proving.accept_document):
            with pytest.raises(NotVisible):
                step(action.public_id, by=who, now=NOW)
        with pytest.raises(NotVisible):
            proofs.enter_code(ticket.number, "1", by=who, now=NOW)
        with pytest.raises(NotVisible):
            proofs.break_glass(ticket.number, "любопытно", by=who, now=NOW)
    assert CriticalAction.objects.get().state == "authorised"


def test_a_ticket_moved_to_another_account_does_not_take_its_action_along() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    action = asked(ticket, agent)
    mallorys = Account.objects.create(kind="person", name="Mallory")
    contact = Contact.objects.create(given_name="Mallory")
    ContactRole.objects.create(account=mallorys, contact=contact, role="owner")
    Ticket.objects.update(account=mallorys)
    from customers.queries import customer_at

    mallory = customer_at(contact.pk)
    assert mallory
    with pytest.raises(NotVisible):
        proving.approve(action.public_id, customer=mallory, factor_age=timedelta(0), now=NOW)
    action.refresh_from_db()
    assert action.account_id == one.pk


def test_codes_of_one_account_open_nothing_of_another_and_three_wrong_ones_bar() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    mallorys = Account.objects.create(kind="person", name="Mallory")
    contact = Contact.objects.create(given_name="Mallory")
    foreign = codes.make_for_customer(mallorys.pk, contact_id=contact.pk, now=NOW)
    assert not proofs.enter_code(ticket.number, foreign, by=agent, now=NOW)
    for _ in range(2):
        assert not proofs.enter_code(ticket.number, "00000000", by=agent, now=NOW)
    annas = Contact.objects.get(given_name="Анна")
    fresh = codes.make_for_customer(one.pk, contact_id=annas.pk, now=NOW)
    with pytest.raises(Refused, match="codes_barred"):
        proofs.enter_code(ticket.number, fresh, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.level < Level.RECOGNISED


def test_a_spoken_code_is_of_one_use_and_ten_minutes() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    annas = Contact.objects.get(given_name="Анна")
    code = codes.make_for_customer(one.pk, contact_id=annas.pk, now=NOW)
    assert not proofs.enter_code(ticket.number, code, by=agent, now=NOW + timedelta(minutes=10))
    assert proofs.enter_code(ticket.number, code, by=agent, now=NOW + timedelta(minutes=9))
    assert not proofs.enter_code(ticket.number, code, by=agent, now=NOW + timedelta(minutes=9))
    assert Evidence.objects.get(kind="spoken_code").level == Level.RECOGNISED


def test_asking_again_and_again_holds_the_account_and_calls_a_lead() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    an_agent("lead", "lead")
    for place in range(9):
        action = asked(ticket, agent, login=f"login{place}")
        acting.cancel(action.public_id, by=agent, now=NOW)
    assert Pressure.objects.get(account=one).reasons == ["many_requests"]
    assert Event.objects.filter(type="PressureRaised").count() == 1
    action = asked(ticket, agent)
    proving.approve(action.public_id, customer=the_owner(), factor_age=timedelta(0), now=NOW)
    with pytest.raises(Refused, match="action_pressure"):
        acting.execute(action.public_id, by=agent, now=NOW)
    with pytest.raises(NotVisible):
        pressing.lift(ticket.number, by=agent, now=NOW)


def test_ten_calls_on_one_account_in_a_day_hold_it() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    phone = ContactPoint.objects.create(account=one, kind="phone", value="+74951234567")
    for _ in range(9):
        proofs.called_back(ticket.number, phone.pk, by=agent, now=NOW)
    assert not Pressure.objects.exists()
    proofs.called_back(ticket.number, phone.pk, by=agent, now=NOW + timedelta(seconds=1))
    assert Pressure.objects.get(account=one).reasons == ["many_calls"]


def test_a_refusal_and_a_new_request_right_after_is_a_sign() -> None:
    one = account()
    agent, ticket = an_agent(), the_ticket()
    lead = an_agent("lead", "lead")
    action = asked(ticket, agent)
    proving.refuse(action.public_id, customer=the_owner(), now=NOW)
    pressing.lift(ticket.number, by=lead, now=NOW)
    asked(ticket, agent, login="other")
    assert Pressure.objects.get(account=one, lifted_at=None).reasons == ["asked_after_refusal"]


def test_a_mailed_yes_confirms_nothing() -> None:
    account()
    agent, ticket = an_agent(), the_ticket()
    action = asked(ticket, agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    _, code = mailed()
    yes = letter(ADMINISTRATIVE, subject=f"Re: [HD-{ticket.number}]", text=f"Да, подтверждаю. Код {code}",
                 facts=vouched(ADMINISTRATIVE))  # fmt: skip
    receive(yes, origin=origin("yes"), now=NOW)
    action.refresh_from_db()
    assert action.state == "awaiting_proof"


def test_a_forged_sender_with_the_right_number_joins_nothing_and_reads_nothing() -> None:
    account()
    ticket = the_ticket()
    number = f"[HD-{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}]"
    for place, heard in enumerate((
        letter(ANNA, subject=f"Re: {number}", text="Пришлите пароль", facts=claimed(ANNA), message_id="f1@x"),
        letter(BORIS, subject=f"Re: {number}", text="Добавьте меня в копию", facts=vouched(BORIS), message_id="f2@x"),
        letter(MALLORY, subject=f"Re: {number}", text="И меня", facts=claimed(MALLORY), message_id="f3@x"),
    )):  # fmt: skip
        receive(heard, origin=origin(f"forged{place}"), now=NOW)
    assert set(Participant.objects.filter(ticket=ticket).values_list("email", flat=True)) == {ANNA}
    told = Message.objects.filter(direction="out", copies__email__in=(BORIS, MALLORY))
    assert not any("Помогите" in message.text for message in told)
    ticket.refresh_from_db()
    assert ticket.level == Level.VOUCHED


def test_failures_are_kept_whatever_becomes_of_the_answer() -> None:
    one = account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    Confirmation.objects.update(expires_at="2099-01-01T00:00Z")
    token, _ = mailed()
    Client().post(f"/confirm/{token}/", {"answer": "confirm", "code": "AAAAAAAA"})
    assert FailedProof.objects.filter(account=one).count() == 1
    assert Confirmation.objects.get().tries == 1


class Race(threading.Thread):
    def __init__(self, act, gate: threading.Barrier) -> None:
        super().__init__()
        self.act, self.gate, self.won = act, gate, False

    def run(self) -> None:
        try:
            self.gate.wait(timeout=30)
            self.won = self.act() is not False
        except Refused:
            self.won = False
        finally:
            connection.close()


def race(act, runners: int = 6) -> int:
    gate = threading.Barrier(runners)
    threads = [Race(act, gate) for _ in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sum(thread.won for thread in threads)


@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_and_executions_at_once_one_counts() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    token, code = mailed()
    assert race(lambda: proving.confirm(token, code, now=NOW)) == 1
    assert Event.objects.filter(type="ActionAuthorised").count() == 1
    assert race(lambda: acting.execute(action.public_id, by=agent, now=NOW)) == 1
    assert Event.objects.filter(type="ActionExecuted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refusal_beside_a_confirmation_leaves_no_half_state() -> None:
    account()
    agent = an_agent()
    action = asked(the_ticket(), agent)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    token, code = mailed()
    acts = iter([lambda: proving.confirm(token, code, now=NOW), lambda: proving.refuse_by_mail(token, now=NOW)] * 2)
    lock = threading.Lock()

    def one():
        with lock:
            act = next(acts)
        return act()

    assert race(one, runners=4) in (1, 2)  # a refusal, and a confirmation where that was first
    action.refresh_from_db()
    journal = Event.objects.filter(type__in=("ActionAuthorised", "ActionRefused")).order_by("sequence")
    assert list(journal.values_list("type", flat=True))[-1:] == ["ActionRefused"]
    assert journal.filter(type="ActionRefused").count() == 1
    assert action.state == "refused"
    with pytest.raises(Refused, match="action_not_authorised"):
        acting.execute(action.public_id, by=agent, now=NOW)
