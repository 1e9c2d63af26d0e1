"""What each of those who take part may do: sentences of the rule, and the same rule asked of the database."""

from datetime import timedelta
from itertools import product

import pytest

from assurance.models import Evidence
from customers.actor import RIGHTS, Customer
from customers.models import Account, Contact, ContactPoint, ContactRole
from tests.cast import ANNA, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible, standing_in, visible_to_customer
from tickets.contracts import Address
from tickets.enums import Kind
from tickets.models import Message, Participant, Ticket
from tickets.policies.participation import Part, PartRight, rights, standing
from tickets.queries import ticket_page
from tickets.queries.customer_lists import tickets_of
from tickets.services import conversation, participants
from tickets.services.intake import receive
from tickets.services.refused import Refused

COLLEAGUE = "colleague@hosting-client.example"
SEE, REPLY, AUTHORISE = PartRight.SEE, PartRight.REPLY, PartRight.AUTHORISE


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(Part(), {SEE}, id="who gets copies sees, and what he writes is held"),
        pytest.param(Part(may_reply=True), {SEE, REPLY}, id="who may reply answers"),
        pytest.param(Part(is_requester=True), {SEE, REPLY}, id="who asks answers, whatever was ticked"),
        pytest.param(Part(decides=True), {SEE, AUTHORISE}, id="who decides about the account authorises"),
        pytest.param(
            Part(is_requester=True, may_reply=True),
            {SEE, REPLY},
            id="nothing ticked lets anybody authorise",
        ),
        pytest.param(Part(may_reply=True, has_ended=True, decides=True), set(), id="who was removed has no right"),
    ],
)
def test_the_rights_of_whoever_takes_part(part, expected):
    assert rights(part) == expected


DAY = NOW - timedelta(days=1)
SEES_ONLY, MAY_REPLY = Part(), Part(may_reply=True)


@pytest.mark.parametrize(
    ("role", "is_own", "part", "expected", "since", "is_his", "may_invite"),
    [
        pytest.param("billing", True, None, {SEE, REPLY}, None, True, True, id="the requester sees all, and invites"),
        pytest.param("owner", False, None, {SEE, REPLY, AUTHORISE}, None, True, True, id="so does the owner"),
        pytest.param("technical", False, None, {SEE, REPLY}, None, True, False, id="a technician invites nobody"),
        pytest.param("billing", False, None, set(), None, False, False, id="who pays sees nothing of others"),
        pytest.param("billing", False, SEES_ONLY, {SEE}, DAY, False, False, id="but as participant, from his day on"),
        pytest.param("billing", False, MAY_REPLY, {SEE, REPLY}, DAY, False, False, id="and answers if he may"),
        pytest.param("technical", False, SEES_ONLY, {SEE, REPLY}, None, True, False, id="a role is not lessened by it"),
        pytest.param("", False, MAY_REPLY, set(), None, False, False, id="who has no role takes part by mail"),
    ],
)
def test_the_standing_of_a_signed_in_customer(role, is_own, part, expected, since, is_his, may_invite):
    customer = Customer(1, "He", "", {7: frozenset({role})} if role else {})
    found = standing(customer, contact_id=1 if is_own else 2, account_id=7, part=part, since=DAY if part else None)
    assert (found.rights, found.since, found.is_his, found.may_invite) == (expected, since, is_his, may_invite)


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    ContactRole.objects.create(account=anna(), contact=Contact.objects.get(), role="owner")
    found = Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)
    assert found.account_id
    return found


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


def on_file(account: Account, role: str, email: str = "") -> Contact:
    contact = Contact.objects.create(given_name=role or "nobody")
    if role:
        ContactRole.objects.create(account=account, contact=contact, role=role)
    if email:
        ContactPoint.objects.create(account=account, contact=contact, kind="email", value=email, on_file_since=DAY)
    return contact


def test_the_queryset_is_the_rule_for_every_role_part_and_kind_of_ticket(ticket):
    for role, place, is_stranger, kind in product(
        ["", *RIGHTS], [None, "sees", "replies", "removed"], [False, True], [Kind.INCIDENT, Kind.RESTRICTED]
    ):
        who = on_file(ticket.account, role)
        if place:
            Participant.objects.create(
                ticket=ticket,
                contact=who,
                email=f"{who.pk}@x.example",
                may_reply=place == "replies",
                dropped_at=NOW if place == "removed" else None,
                added_by="staff:1",
                added_at=NOW,
            )
        known = None if is_stranger else ticket.contact_id
        Ticket.objects.filter(pk=ticket.pk).update(kind=kind.value, contact_id=known)
        now_known = Ticket.objects.get(pk=ticket.pk)
        roles = {ticket.account_id: frozenset({role})} if role else {}
        customer = Customer(who.pk, "He", "", roles)
        is_open = kind is not Kind.RESTRICTED
        expected = is_open and bool(standing_in(customer, now_known).rights)
        assert visible_to_customer(customer).exists() == expected, (role, place, is_stranger, kind)
        assert len(tickets_of(customer, now=NOW).rows) == expected, (role, place, is_stranger, kind)


def writes(ticket: Ticket, sender: str, at=NOW) -> Message:
    last = Message.objects.filter(ticket=ticket).latest("id")
    heard = letter(sender, text=f"{sender} {last.pk}", in_reply_to=(last.message_id,), facts=vouched(sender))
    return Message.objects.get(pk=receive(heard, origin=origin(), now=at).message_id)


def test_an_agent_takes_somebody_in_and_lets_him_answer_or_not(ticket, agent):
    person = participants.add(ticket.number, Address(COLLEAGUE), may_reply=False, by=agent, now=NOW)
    assert (person.added_by, person.added_at) == (agent.key, NOW)
    assert writes(ticket, COLLEAGUE).held == "waiting"
    participants.set_reply(ticket.number, person.pk, may_reply=True, by=agent, now=NOW)
    assert writes(ticket, COLLEAGUE).held == "accepted"
    participants.set_reply(ticket.number, person.pk, may_reply=False, by=agent, now=NOW)
    assert writes(ticket, COLLEAGUE).held == "waiting"
    told = [item.event_type for item in ticket_page(agent, ticket.number, now=NOW).timeline if item.event_type]
    assert told[-3:] == ["RecipientAdded", "RecipientRightChanged", "RecipientRightChanged"]


def test_what_a_participant_writes_proves_nothing_of_the_requester(ticket, agent):
    participants.add(ticket.number, Address(MALLORY), may_reply=True, by=agent, now=NOW)
    before = Evidence.objects.filter(ticket=ticket).count()
    said = writes(ticket, MALLORY)
    assert (said.author, said.held) == ("other_sender", "accepted")
    assert Evidence.objects.filter(ticket=ticket).count() == before


def test_who_is_brought_back_begins_anew(ticket, agent):
    person = participants.add(ticket.number, Address(COLLEAGUE), may_reply=True, by=agent, now=NOW)
    participants.drop(ticket.number, person.pk, by=agent, now=NOW)
    later = NOW + timedelta(days=2)
    participants.take_back(ticket.number, person.pk, by=agent, now=later)
    person.refresh_from_db()
    assert (person.added_at, person.dropped_at, person.may_reply) == (later, None, True)


def test_nobody_is_taken_in_twice_and_not_more_than_twenty(ticket, agent):
    for number in range(participants.MOST - 1):
        participants.add(ticket.number, Address(f"{number}@x.example"), may_reply=False, by=agent, now=NOW)
    for email, code in (("0@x.example", "takes_part_already"), ("one@more.example", "too_many_recipients")):
        with pytest.raises(Refused, match=code):
            participants.add(ticket.number, Address(email), may_reply=False, by=agent, now=NOW)


def test_a_colleague_of_another_team_changes_nothing(ticket, agent):
    person = participants.add(ticket.number, Address(COLLEAGUE), may_reply=False, by=agent, now=NOW)
    far = actor("far", "agent", "specialists")
    with pytest.raises(NotVisible):
        participants.add(ticket.number, Address(MALLORY), may_reply=True, by=far, now=NOW)
    with pytest.raises(NotVisible):
        participants.set_reply(ticket.number, person.pk, may_reply=True, by=far, now=NOW)


def test_the_page_tells_what_each_may_do_and_who_authorises_by_role(ticket, agent):
    on_file(ticket.account, "administrative", "boss@hosting-client.example")
    participants.add(ticket.number, Address("boss@hosting-client.example"), may_reply=False, by=agent, now=NOW)
    participants.add(ticket.number, Address(MALLORY), may_reply=True, by=agent, now=NOW)
    shown = {person.email: person.rights for person in ticket_page(agent, ticket.number, now=NOW).recipients}
    assert shown == {
        ANNA: (SEE, REPLY, AUTHORISE),
        MALLORY: (SEE, REPLY),
        "boss@hosting-client.example": (SEE, AUTHORISE),
    }


def test_who_was_accepted_by_a_letter_takes_part_from_then_on(ticket, agent):
    held = writes(ticket, COLLEAGUE)
    later = NOW + timedelta(hours=1)
    conversation.accept_sender(ticket.number, message_public_id=str(held.public_id), by=agent, now=later)
    assert Participant.objects.get(email=COLLEAGUE).added_at == later
