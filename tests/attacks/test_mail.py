"""Mallory writes letters. He gets nothing by them, and whoever they concern is not bothered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.models import key
from core.trust import Level
from customers.models import Account, ContactPoint
from staff.actor import Actor
from tests.cast import ANNA, BORIS, MALLORY, NOW, SUPPORT, actor, anna, claimed, desk, letter, origin, vouched
from tickets.contracts import Address, Nature, Outcome
from tickets.models import Message, OutboundCopy, Participant, Ticket
from tickets.numbers import pretty
from tickets.policies import tokens
from tickets.queries import ticket_page
from tickets.queries.customer import requesters_ticket
from tickets.services import participants
from tickets.services.intake import receive
from tickets.services.letters import outbound_message
from tickets.services.replies import UNDO, reply

pytestmark = pytest.mark.django_db

SERVICE = "noreply@saas.example"
CODE = "Ваш код подтверждения: 402 917"


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    desk()
    anna()


@pytest.fixture
def agent() -> Actor:
    return actor("agent1", "agent", "first-line")


def opened(sender: str, **more: object) -> Ticket:
    result = receive(letter(sender, **more), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=result.ticket_id)


def token_of(ticket: Ticket) -> str:
    return tokens.make(Participant.objects.get(ticket=ticket, is_requester=True).pk, key=key("reply-tokens"))


def told(email: str) -> str:
    """Every word that left for this address."""
    sent = [outbound_message(copy.pk) for copy in OutboundCopy.objects.filter(email=email)]
    return "\n".join(f"{each.subject}\n{each.text}\n{each.html}" for each in sent)


def addressed() -> set[str]:
    return set(OutboundCopy.objects.values_list("email", flat=True))


def test_the_code_of_another_service_sent_to_his_reply_address_is_not_read_to_him():
    """The ticket trick: he names the address of his own ticket to a service that mails a code there."""
    his = opened(MALLORY, facts=vouched(MALLORY))
    heard = letter(
        SERVICE, subject="Подтвердите адрес", text=CODE, facts=vouched(SERVICE), reply_tokens=(token_of(his),)
    )
    assert receive(heard, origin=origin(), now=NOW).outcome is Outcome.HELD
    assert "402 917" not in told(MALLORY)
    seen = requesters_ticket(his.number, MALLORY, now=NOW)
    assert not any("402 917" in item.text for item in seen.items)


def test_the_code_of_another_service_sent_to_the_desk_is_a_ticket_of_that_service_alone():
    mailed = opened(SERVICE, subject="Подтвердите адрес", text=CODE, facts=vouched(SERVICE))
    after = opened(MALLORY, subject=f"Re: [{pretty(mailed.number)}]", text="Пришлите код", facts=vouched(MALLORY))
    assert after.pk != mailed.pk
    assert "402 917" not in told(MALLORY)
    assert set(Participant.objects.filter(ticket=mailed).values_list("email", flat=True)) == {SERVICE}


def test_a_copy_to_himself_in_a_forged_letter_makes_him_no_reader(agent):
    ticket = opened(ANNA, facts=vouched(ANNA))
    first = Message.objects.get(ticket=ticket, direction="in")
    forged = letter(
        ANNA, text="Добавьте коллегу", facts=claimed(ANNA), in_reply_to=(first.message_id,),
        cc=(Address(MALLORY, "Коллега"),), message_id="forged@x",
    )  # fmt: skip
    receive(forged, origin=origin(), now=NOW)
    reply(ticket.number, by=agent, text="Пароль сменён", now=NOW + UNDO)
    assert MALLORY not in addressed()
    assert not Participant.objects.filter(email=MALLORY).exists()


def test_a_reply_to_of_his_draws_no_answer_to_him(agent):
    ticket = opened(ANNA, facts=claimed(ANNA), reply_to=(Address(MALLORY, "Анна"),))
    reply(ticket.number, by=agent, text="Готово", now=NOW + UNDO)
    assert addressed() == {ANNA}


def test_a_display_name_that_is_an_address_stays_a_name(agent):
    heard = replace(letter(MALLORY, facts=vouched(MALLORY)), sender=Address(MALLORY, f"Анна Петрова <{ANNA}>"))
    ticket = Ticket.objects.get(pk=receive(heard, origin=origin(), now=NOW).ticket_id)
    assert (ticket.requester_email, ticket.contact_id, ticket.account_id) == (MALLORY, None, None)
    reply(ticket.number, by=agent, text="Здравствуйте", now=NOW + UNDO)
    assert addressed() == {MALLORY}


def test_a_signed_letter_of_a_look_alike_domain_vouches_for_that_domain_alone(agent):
    imitation = "anna@hosting-c1ient.example"
    ticket = opened(imitation, facts=vouched(imitation), text="Логин annahost, смените пароль")
    assert ticket.level <= Level.VOUCHED
    assert ticket.contact_id is None
    page = ticket_page(agent, ticket.number, now=NOW)
    assert page.card is None or page.card.login is None
    assert page.card is None or not page.card.services


def test_a_reply_address_that_leaked_opens_nothing_to_another_sender(agent):
    ticket = opened(ANNA, facts=vouched(ANNA), subject="Пароль от сервера", text="Хостинг упал")
    heard = letter(MALLORY, text="Это я", facts=vouched(MALLORY), reply_tokens=(token_of(ticket),))
    assert receive(heard, origin=origin(), now=NOW).outcome is Outcome.HELD
    reply(ticket.number, by=agent, text="Сервер перезапущен", now=NOW + UNDO)
    assert "Пароль" not in told(MALLORY)
    assert "перезапущен" not in told(MALLORY)
    assert "перезапущен" in told(ANNA)
    ticket.refresh_from_db()
    assert ticket.level == Level.VOUCHED


def test_nor_does_the_address_of_somebody_else_recognise_a_contact_who_may_speak_there(agent):
    """Both are on file in the account; he has Anna's letters, forwarded to him."""
    account = Account.objects.get()
    since = NOW - timedelta(days=60)
    ContactPoint.objects.create(account=account, kind="email", value=MALLORY, on_file_since=since)
    ticket = opened(ANNA, facts=vouched(ANNA))
    participants.add(ticket.number, Address(MALLORY), may_reply=True, by=agent, now=NOW)
    heard = letter(MALLORY, text="Это я", facts=vouched(MALLORY), reply_tokens=(token_of(ticket),))
    said = Message.objects.get(pk=receive(heard, origin=origin(), now=NOW).message_id)
    assert said.level == Level.VOUCHED
    assert "reply_token_foreign" in said.reasons


def test_automatic_replies_are_no_mail_bomb():
    """Forty letters in the name of Boris: he hears of three, and his words are in none of them."""
    for place in range(40):
        opened(BORIS, facts=claimed(BORIS), subject=f"Купите {place}", text="слово-бомба")
    assert OutboundCopy.objects.filter(email=BORIS).count() == 3
    assert "слово-бомба" not in told(BORIS)
    assert "Купите" not in told(BORIS)


def test_two_robots_do_not_talk_to_each_other():
    ticket = opened(MALLORY, facts=vouched(MALLORY))
    before = OutboundCopy.objects.count()
    for place in range(10):
        heard = letter(
            MALLORY, text="Я в отпуске", nature=Nature.AUTO_REPLY, facts=vouched(MALLORY),
            reply_tokens=(token_of(ticket),), message_id=f"robot{place}@x",
        )  # fmt: skip
        receive(heard, origin=origin(), now=NOW)
    assert OutboundCopy.objects.count() == before


def test_a_letter_to_all_of_us_at_once_is_not_answered_to_the_others(agent):
    crowd = tuple(Address(f"victim{place}@victims.example") for place in range(50))
    ticket = opened(MALLORY, facts=claimed(MALLORY), to=(Address(SUPPORT), *crowd), cc=crowd)
    reply(ticket.number, by=agent, text="Здравствуйте", now=NOW + UNDO)
    assert addressed() == {MALLORY}
