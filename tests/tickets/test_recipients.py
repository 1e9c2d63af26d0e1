"""Who was dropped gets nothing, is not offered, and what he writes is held; whoever asks stays."""

import pytest

from tests.cast import ANNA, BORIS, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.contracts import Address
from tickets.models import Message, OutboundCopy, Participant, Ticket
from tickets.queries import ticket_page
from tickets.services import conversation, letters, participants
from tickets.services.intake import receive
from tickets.services.refused import Refused
from tickets.services.replies import Envelope

COLLEAGUE = "colleague@hosting-client.example"


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    anna()
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


def answered(ticket, agent, *cc: str) -> Message:
    envelope = Envelope(cc=[Address(email) for email in cc])
    return conversation.reply(ticket.number, by=agent, text="Чиним", envelope=envelope, now=NOW)


def writes(ticket, sender: str) -> Message:
    last = Message.objects.filter(ticket=ticket).latest("id")
    heard = letter(sender, text=f"{sender} {last.pk}", in_reply_to=(last.message_id,), facts=vouched(sender))
    return Message.objects.get(pk=receive(heard, origin=origin(), now=NOW).message_id)


def accepted(ticket, agent, sender: str) -> Participant:
    held = writes(ticket, sender)
    conversation.accept_sender(ticket.number, message_public_id=str(held.public_id), by=agent, now=NOW)
    return Participant.objects.get(ticket=ticket, email=sender)


def offered(ticket, agent) -> list[str]:
    return [person.email for person in ticket_page(agent, ticket.number, now=NOW).recipients]


def test_who_got_copies_gets_no_more_and_is_not_offered(ticket, agent):
    answered(ticket, agent, COLLEAGUE)
    person = Participant.objects.get(email=COLLEAGUE)
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    assert offered(ticket, agent) == [ANNA]
    assert answered(ticket, agent).recipients == {"to": [ANNA], "cc": []}
    assert "RecipientDropped" in [i.event_type for i in ticket_page(agent, ticket.number, now=NOW).timeline]


def test_what_a_dropped_participant_writes_is_held_even_with_his_reply_address(ticket, agent):
    person = accepted(ticket, agent, BORIS)
    answered(ticket, agent)
    assert writes(ticket, BORIS).held == "accepted"
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    copy = OutboundCopy.objects.filter(email=BORIS, participant=person).latest("id")
    token = letters.outbound_message(copy.pk).reply_to.partition("@")[0].partition("+")[2]
    heard = letter(BORIS, text="again", reply_tokens=(token,), facts=vouched(BORIS))
    assert receive(heard, origin=origin(), now=NOW).outcome == "held"


def test_it_is_undone_and_typing_the_address_or_accepting_a_letter_brings_him_back(ticket, agent):
    person = accepted(ticket, agent, BORIS)
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    participants.take_back(ticket.number, person.pk, by=agent, now=NOW)
    assert writes(ticket, BORIS).held == "accepted"
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    assert answered(ticket, agent, BORIS).recipients == {"to": [ANNA], "cc": [BORIS]}
    assert writes(ticket, BORIS).held == "waiting"  # he gets copies, no more
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    accepted(ticket, agent, BORIS)
    assert BORIS in offered(ticket, agent)


def test_bad_choices_are_refused(ticket, agent):
    requester = Participant.objects.get()
    with pytest.raises(Refused, match="drop_requester"):
        participants.drop(ticket.number, requester.pk, by=agent, now=NOW)
    other = receive(letter(MALLORY, facts=vouched(MALLORY)), origin=origin(), now=NOW)
    elsewhere = Participant.objects.get(ticket_id=other.ticket_id)
    with pytest.raises(Refused, match="no_such_recipient"):
        participants.drop(ticket.number, elsewhere.pk, by=agent, now=NOW)
    with pytest.raises(NotVisible):
        participants.drop(ticket.number, requester.pk, by=actor("far", "agent", "specialists"), now=NOW)
