"""Colleagues named in a note: who is told, who is not and why."""

from uuid import uuid4

import pytest

from events.models import EventPayload
from staff.actor import Actor
from tests import cast
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.enums import Kind
from tickets.models import Note, Ticket
from tickets.queries import callable_to
from tickets.services import assignment, conversation
from tickets.services.intake import receive
from tickets.services.opening import Opening, begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    desk()
    anna()
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket: Ticket) -> Actor:
    return actor("agent1", "agent", "first-line")


def tells() -> dict[str, str]:
    return EventPayload.objects.filter(event__type="NoteAdded").latest("event").data.get("tells", {})


def test_a_colleague_named_in_a_note_is_told_and_the_assignee_as_before(ticket: Ticket, agent: Actor):
    second, lead = actor("agent3", "agent", "first-line"), actor("lead", "lead")
    assignment.claim(ticket.number, by=second, now=NOW)
    note = conversation.add_note(ticket.number, by=agent, text="ask @Lead or @lead", now=NOW)
    assert tells() == {str(lead.staff_id): "mentioned", str(second.staff_id): "noted"}
    assert note.mentions == [[4, 9, ""], [13, 18, ""]]


def test_who_may_not_see_the_ticket_is_not_told(ticket: Ticket, agent: Actor):
    actor("agent2", "agent", "specialists")
    actor("admin", "admin")
    note = conversation.add_note(ticket.number, by=agent, text="@Agent2 @Admin", now=NOW)
    assert tells() == {}
    assert [why_not for *_, why_not in note.mentions] == ["unseen", "unseen"]


def test_a_restricted_ticket_calls_nobody_beyond_those_who_see_it(ticket: Ticket, agent: Actor):
    lead = actor("lead", "lead")
    Ticket.objects.update(kind=Kind.RESTRICTED.value, assignee=agent.staff_id)
    note = conversation.add_note(ticket.number, by=agent, text="@Lead", now=NOW)
    assert tells() == {}
    assert note.mentions == [[0, 5, "unseen"]]
    assert callable_to(agent, ticket.number) == []
    with pytest.raises(NotVisible):
        callable_to(lead, ticket.number)


def test_a_name_that_several_bear_tells_nobody_and_somebody_who_left_is_not_named(ticket: Ticket, agent: Actor):
    for login in ("twin1", "twin2", "gone"):
        person = cast.person(login, "agent", "first-line")
        person.name = "Twin" if login != "gone" else "Gone"
        person.save()
    person.user.is_active = False
    person.user.save()
    note = conversation.add_note(ticket.number, by=agent, text="@Twin @Gone", now=NOW)
    assert tells() == {}
    assert note.mentions == [[0, 5, "several"]]
    assert {(each.name, each.handle) for each in callable_to(agent, ticket.number)} == {
        ("Twin", "twin1"),
        ("Twin", "twin2"),
    }


def test_whoever_names_himself_is_not_told(ticket: Ticket, agent: Actor):
    conversation.add_note(ticket.number, by=agent, text="@Agent1 remembers", now=NOW)
    assert tells() == {}


def test_the_note_a_ticket_is_begun_with_names_people_too(agent: Actor):
    lead = actor("lead", "lead")
    opening = Opening(
        request_id=uuid4(),
        to=None,
        person=None,
        queue="hosting",
        kind=Kind.QUESTION,
        subject="He rang",
        text="@Lead, he wants you",
        language="en",
        our_address="",
        with_letter=False,
    )
    begin(opening, by=agent, now=NOW)
    assert tells() == {str(lead.staff_id): "mentioned"}
    assert Note.objects.get().mentions == [[0, 5, ""]]
