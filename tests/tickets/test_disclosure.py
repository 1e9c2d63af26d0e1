"""A reply that names what its readers have not proved enough to be told is stopped, and says which field it was."""

from datetime import timedelta

import pytest

from core.trust import Level
from customers.models import Account, ContactPoint
from customers.models.confidential import AccountConfidential
from tests.cast import ANNA, BORIS, NOW, actor, anna, desk, letter, origin, vouched
from tickets.contracts import Address
from tickets.enums import Kind
from tickets.models import Message, Participant, Ticket
from tickets.services import conversation, opening
from tickets.services.intake import receive
from tickets.services.opening import Opening
from tickets.services.refused import Refused
from tickets.services.replies import Envelope

CONTRACT = "По договору H-100001 всё оплачено"
OWNER = "Письмо ушло на owner@romashka.example"


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    account = anna()
    AccountConfidential.objects.create(account=account, administrative_email="owner@romashka.example")
    opened = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    assert ticket.account_id == account.pk
    return ticket


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


def proved(ticket, level: Level, *, until=None) -> None:
    """As if the ticket and what was asked in it stood at this level."""
    Ticket.objects.filter(pk=ticket.pk).update(level=level, level_until=until)
    Message.objects.filter(ticket=ticket, direction="in").update(level=level)


def reply(ticket, agent, text: str, **envelope) -> Message:
    return conversation.reply(ticket.number, by=agent, text=text, envelope=Envelope(**envelope), now=NOW)


@pytest.mark.parametrize(
    ("level", "text", "code"),
    [
        (Level.VOUCHED, CONTRACT, "names_contracts"),
        (Level.RECOGNISED, CONTRACT, ""),
        (Level.RECOGNISED, OWNER, "names_administrative_address"),
        (Level.AUTHORISED, OWNER, ""),
        (Level.CLAIMED, "Сайт снова отвечает", ""),
        (Level.CLAIMED, f"Пишем вам на {ANNA}", ""),
    ],
)
def test_the_level_decides_what_may_be_named(ticket, agent, level, text, code):
    proved(ticket, level)
    if not code:
        assert reply(ticket, agent, text)
        return
    with pytest.raises(Refused, match=code):
        reply(ticket, agent, text)
    assert not Message.objects.filter(author="agent").exists()


def test_proof_that_has_run_out_opens_nothing(ticket, agent):
    proved(ticket, Level.AUTHORISED, until=NOW - timedelta(minutes=1))
    with pytest.raises(Refused, match="names_contracts"):
        reply(ticket, agent, CONTRACT)


def test_the_message_that_is_answered_counts_though_the_ticket_stands_higher(ticket, agent):
    proved(ticket, Level.AUTHORISED)
    Message.objects.filter(ticket=ticket, direction="in").update(level=Level.CLAIMED)
    with pytest.raises(Refused, match="names_contracts"):
        reply(ticket, agent, CONTRACT)


def test_whoever_gets_a_copy_has_proved_nothing(ticket, agent):
    proved(ticket, Level.AUTHORISED)
    with pytest.raises(Refused, match="names_contracts"):
        reply(ticket, agent, CONTRACT, cc=[Address(BORIS)])
    assert not Participant.objects.filter(email=BORIS).exists()


def test_another_participant_has_proved_what_his_newest_letter_has(ticket, agent):
    proved(ticket, Level.AUTHORISED)
    first = Message.objects.get(ticket=ticket, author="requester")
    heard = letter(BORIS, text="I too", in_reply_to=(first.message_id,), facts=vouched(BORIS))
    held = Message.objects.get(pk=receive(heard, origin=origin(), now=NOW).message_id)
    conversation.accept_sender(ticket.number, message_public_id=str(held.public_id), by=agent, now=NOW)
    answers = str(first.public_id)
    with pytest.raises(Refused, match="names_contracts"):
        reply(ticket, agent, CONTRACT, answers=answers)
    Message.objects.filter(pk=held.pk).update(level=Level.AUTHORISED)
    assert reply(ticket, agent, CONTRACT, answers=answers)


def test_what_the_requester_wrote_himself_may_be_said_to_him_alone(ticket, agent):
    proved(ticket, Level.CLAIMED)
    Message.objects.filter(ticket=ticket, direction="in").update(text="Мой договор h-100001")
    assert reply(ticket, agent, CONTRACT)
    with pytest.raises(Refused, match="names_contracts"):
        reply(ticket, agent, CONTRACT, cc=[Address(BORIS)])


def test_a_first_letter_of_the_desk_is_judged_by_the_same_rule(ticket, agent):
    account = Account.objects.get(login="annahost")
    ContactPoint.objects.create(account=account, kind="phone", value="+74951234567")
    form = Opening(
        request_id=ticket.public_id, to=Address(ANNA), person=None, queue="hosting", kind=Kind.QUESTION,
        subject="Звонок", text="Позвоним на 8 495 123-45-67", language="ru", our_address="support@example.com",
        with_letter=True,
    )  # fmt: skip
    Ticket.objects.filter(pk=ticket.pk).update(public_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(Refused, match="names_contacts"):
        opening.begin(form, by=agent, now=NOW)
    assert Ticket.objects.count() == 1
