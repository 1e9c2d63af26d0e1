"""Tickets filed under another account, merged or split: what was proved goes nowhere where it proves nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest

from assurance.access import card
from assurance.models import Evidence
from assurance.policies.critical import IDENTITY
from core.trust import Level
from customers.models import Account, Contact, ContactPoint, ContactRole, Contract
from tests.attacks.test_mail import token_of
from tests.cast import ANNA, MALLORY, NOW, claimed, letter, origin, vouched
from tests.tickets.trust import account, an_agent, asked, mailed, the_owner, the_ticket
from tickets.access import visible_to_customer
from tickets.contracts import Typed
from tickets.models import Message, Ticket
from tickets.queries import ticket_page
from tickets.queries.sorting import merging_rows, sorting_page
from tickets.services import customer_side, lifecycle, merging, proofs, sorting
from tickets.services.critical import acting, proving
from tickets.services.intake import receive
from tickets.services.refused import Refused
from web.panel.session import facts

pytestmark = pytest.mark.django_db

IN_HER_NAME = "Мой логин annahost, договор H-100001, сайт annashop.example"


@pytest.fixture
def annas() -> Account:
    return account()


@pytest.fixture
def mallorys(annas: Account) -> Account:
    """He is a customer, too, and has been for long."""
    one = Account.objects.create(kind="person", name="Mallory", login="mallory", language="en")
    Contract.objects.create(account=one, number="H-200002")
    contact = Contact.objects.create(given_name="Mallory")
    ContactRole.objects.create(account=one, contact=contact, role="owner")
    since = NOW - timedelta(days=60)
    ContactPoint.objects.create(account=one, contact=contact, kind="email", value=MALLORY, on_file_since=since)
    return one


def his_ticket(**more: object) -> Ticket:
    heard = letter(MALLORY, text=IN_HER_NAME, facts=vouched(MALLORY), **more)
    return Ticket.objects.get(pk=receive(heard, origin=origin(), now=NOW).ticket_id)


def answers(ticket: Ticket, sender: str, *, number: int = 1) -> Message:
    heard = letter(
        sender, text="Ещё", facts=vouched(sender), reply_tokens=(token_of(ticket),), message_id=f"answer{number}@x"
    )
    return Message.objects.get(pk=receive(heard, origin=origin(f"answer{number}"), now=NOW).message_id)


def chosen(ticket: Ticket, one: Account, by) -> Ticket:
    lifecycle.choose_account(ticket.number, account_id=one.pk, by=by, now=NOW)
    ticket.refresh_from_db()
    return ticket


def test_a_customer_who_names_anothers_account_is_recognised_for_his_own_alone(annas, mallorys):
    agent, ticket = an_agent(), his_ticket()
    assert ticket.account_id is None
    chosen(ticket, annas, agent)
    assert answers(ticket, MALLORY).level == Level.VOUCHED
    ticket.refresh_from_db()
    assert ticket.level == Level.VOUCHED
    page = ticket_page(agent, ticket.number, now=NOW)
    assert page.card is not None
    assert not page.card.login
    assert "login" in dict(page.card.closed)


def test_what_was_proved_before_the_account_was_chosen_counts_where_he_is_on_file(annas, mallorys):
    agent, ticket = an_agent(), his_ticket()
    assert answers(ticket, MALLORY).level == Level.RECOGNISED
    assert chosen(ticket, annas, agent).level == Level.VOUCHED
    own = his_ticket(message_id="second@x")
    answers(own, MALLORY, number=2)
    assert chosen(own, mallorys, agent).level == Level.RECOGNISED


def test_a_confirmation_of_his_own_account_opens_hers_by_no_second_thought(annas, mallorys):
    agent, ticket = an_agent(), his_ticket()
    chosen(ticket, mallorys, agent)
    phone = ContactPoint.objects.create(
        account=mallorys, kind="phone", value="+74951234567", on_file_since=NOW - timedelta(days=60)
    )
    assert proofs.called_back(ticket.number, phone.pk, by=agent, now=NOW) == Level.RECOGNISED
    assert chosen(ticket, annas, agent).level <= Level.VOUCHED
    assert Evidence.objects.filter(kind="call_back").count() == 2  # nothing is deleted: one row names the other


def test_a_confirmation_that_comes_after_the_account_was_changed_proves_nothing_of_the_new_one(annas, mallorys):
    ticket = the_ticket(text="договор H-200002, логин mallory")
    agent = an_agent()
    action = acting.request(ticket.number, IDENTITY, {}, by=agent, now=NOW)
    proving.ask_by_mail(action.public_id, by=agent, now=NOW)
    chosen(ticket, mallorys, agent)
    assert proving.confirm(*mailed(), now=NOW)
    ticket.refresh_from_db()
    assert ticket.level <= Level.VOUCHED


def test_words_filed_under_an_account_by_hand_are_not_shown_to_its_people(annas, mallorys):
    agent, ticket = an_agent(), his_ticket()
    chosen(ticket, annas, agent)
    assert not visible_to_customer(the_owner()).filter(pk=ticket.pk).exists()


def test_a_letter_that_is_split_off_takes_its_proof_along(annas):
    """He wrote first, in her name; her own letter came into his ticket, and an agent parts the two."""
    agent = an_agent()
    forged = receive(letter(facts=claimed(ANNA), text="Сбросьте пароль"), origin=origin(), now=NOW)
    ticket = Ticket.objects.get(pk=forged.ticket_id)
    hers = answers(ticket, ANNA)
    ticket.refresh_from_db()
    assert ticket.level == Level.RECOGNISED
    new = sorting.split_off(ticket.number, message_public_id=str(hers.public_id), by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.level == Level.CLAIMED
    assert new.level == Level.RECOGNISED


def test_split_off_once_the_account_is_another_it_proves_what_it_proves_there(annas, mallorys):
    agent, ticket = an_agent(), his_ticket()
    chosen(ticket, mallorys, agent)
    his = answers(ticket, MALLORY)
    assert his.level == Level.RECOGNISED
    chosen(ticket, annas, agent)
    new = sorting.split_off(ticket.number, message_public_id=str(his.public_id), by=agent, now=NOW)
    assert (new.account_id, new.level) == (annas.pk, Level.VOUCHED)


def test_split_off_words_of_the_panel_prove_no_longer_than_they_did(annas):
    agent, ticket = an_agent(), the_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(contact=the_owner().contact_id)
    typed = Typed(request_id=uuid4(), text="Ещё", files=[], facts=facts(the_owner(), annas.pk))
    hers = customer_side.answer(the_owner(), ticket.public_id, typed, now=NOW)
    new = sorting.split_off(ticket.number, message_public_id=str(hers.public_id), by=agent, now=NOW)
    assert (new.level, new.level_until) == (Level.AUTHORISED, NOW + timedelta(days=7))


def test_a_ticket_whose_action_waits_is_merged_into_none(annas):
    agent = an_agent()
    stays, goes = the_ticket(), the_ticket(text="Ещё раз", message_id="again@x")
    action = asked(goes, agent)
    with pytest.raises(Refused, match="merge_action"):
        merging.merge(goes.number, stays.number, by=agent, now=NOW)
    assert merging.merge_all([goes.number, stays.number], stays.number, by=agent, now=NOW).refused == {
        goes.number: "merge_action"
    }
    foretold = {row.number: row.refusal for row in merging_rows(agent, [stays.number, goes.number], now=NOW)}
    assert foretold == {stays.number: "", goes.number: "merge_action"}
    named = sorting_page(agent, goes.number, into=stays.number, now=NOW).into
    assert named
    assert named.refusal == "merge_action"
    merging.merge(stays.number, goes.number, by=agent, now=NOW)
    acting.cancel(action.public_id, by=agent, now=NOW)


def test_nothing_of_two_accounts_comes_together(annas, mallorys):
    agent = an_agent()
    hers, his = the_ticket(), chosen(his_ticket(), mallorys, agent)
    Ticket.objects.update(level=Level.AUTHORISED)
    for one, other in ((hers, his), (his, hers)):
        with pytest.raises(Refused, match="merge_strangers"):
            merging.merge(one.number, other.number, by=agent, now=NOW)


def test_a_card_shows_what_the_level_of_this_ticket_opens_and_no_more(annas):
    agent = an_agent()
    shown = card(agent, annas.pk, level=Level.VOUCHED)
    assert shown
    assert (shown.login, shown.contracts, shown.services, shown.contacts) == (None, (), (), ())
    assert shown.administrative_address is None
