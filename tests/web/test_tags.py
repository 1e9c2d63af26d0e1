"""Tags: made by who sets the desk up, given by who works, shown in lists and on the ticket."""

import pytest

from events.models import Event
from staff.models import StaffProfile
from tests.cast import NOW, actor
from tests.web.conftest import person, shows, signed_in
from tickets.access import NotVisible
from tickets.models import Tag, Ticket, TicketTag
from tickets.services import tagging
from tickets.services.conversation import Refused


@pytest.fixture
def vip() -> Tag:
    return tagging.create(name="  VIP   client ", colour="c", by=actor("admin", "admin"), now=NOW)


def address(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/tickets/{ticket.number}/{noun}"


def test_a_tag_is_given_shown_everywhere_and_taken_off(agent, ticket, vip):
    shows(agent.post(address(ticket, "tags"), {"tag": vip.pk}, follow=True), "Tag added", "Remove the tag VIP client")
    shows(agent.get("/desk/"), "tag--c", "VIP client")
    agent.post(address(ticket, f"tags/{vip.pk}/removal"))
    assert "chip tag tag--c" not in agent.get("/desk/").content.decode().partition('id="list"')[2]
    stream = Event.objects.filter(stream=f"ticket:{ticket.pk}").order_by("sequence")
    assert list(stream.values_list("type", flat=True))[-2:] == ["TicketTagged", "TicketUntagged"]


def test_giving_it_twice_changes_nothing(agent, ticket, vip):
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    version = Ticket.objects.get().version
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    assert Ticket.objects.get().version == version
    assert TicketTag.objects.count() == 1


def test_the_list_is_narrowed_to_a_tag(agent, ticket, vip):
    assert ticket.subject not in agent.get(f"/desk/?tag={vip.pk}").content.decode()
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    page = agent.get(f"/desk/?tag={vip.pk}")
    shows(page, ticket.subject, f'<option value="{vip.pk}" selected>')
    assert ticket.subject in agent.get("/desk/?tag=x").content.decode()


def test_a_renamed_tag_is_renamed_in_every_row(agent, ticket, vip):
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    tagging.rename(vip.pk, name="Big client", colour="d", by=StaffProfile.objects.get(role="admin").actor(), now=NOW)
    shows(agent.get("/desk/"), "tag--d", "Big client")


def test_a_retired_tag_stays_where_it_is_and_is_offered_no_more(agent, ticket, vip):
    admin = StaffProfile.objects.get(role="admin").actor()
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    tagging.retire(vip.pk, by=admin, now=NOW)
    shows(agent.get(address(ticket)), "Remove the tag VIP client")
    agent.post(address(ticket, f"tags/{vip.pk}/removal"))
    assert "VIP client" not in agent.get(address(ticket)).content.decode().partition('id="timeline"')[0]
    shows(agent.post(address(ticket, "tags"), {"tag": vip.pk}, follow=True), "There is no such tag any more.")
    tagging.bring_back(vip.pk, by=admin, now=NOW)
    shows(agent.post(address(ticket, "tags"), {"tag": vip.pk}, follow=True), "Tag added")


@pytest.mark.parametrize(
    ("name", "colour", "why"),
    [(" ", "a", "no_name"), ("VIP Client", "a", "name_taken"), ("Other", "red", "no_such_colour")],
)
def test_a_tag_that_cannot_be_is_refused(vip, name, colour, why):
    with pytest.raises(Refused) as refusal:
        tagging.create(name=name, colour=colour, by=StaffProfile.objects.get(role="admin").actor(), now=NOW)
    assert refusal.value.code == why


def test_who_does_not_set_up_makes_no_tags(vip):
    lead = actor("lead", "lead")
    with pytest.raises(NotVisible):
        tagging.create(name="Mine", colour="a", by=lead, now=NOW)
    with pytest.raises(NotVisible):
        tagging.retire(vip.pk, by=lead, now=NOW)


def test_who_does_not_see_or_work_the_ticket_does_not_tag_it(ticket, vip):
    for role, team in (("agent", "specialists"), ("quality", "first-line")):
        client = signed_in(person(role, role, team))
        assert client.post(address(ticket, "tags"), {"tag": vip.pk}).status_code == 404
    assert not TicketTag.objects.exists()


def test_an_odd_tag_is_no_address(agent, ticket):
    assert agent.post(address(ticket, "tags"), {"tag": "x"}).status_code == 404
    shows(agent.post(address(ticket, "tags"), {"tag": "99999"}, follow=True), "There is no such tag any more.")


def test_the_ticket_page_shows_them_in_the_same_number_of_queries(agent, ticket, vip, django_assert_max_num_queries):
    agent.post(address(ticket, "tags"), {"tag": vip.pk})
    agent.get(address(ticket))
    with django_assert_max_num_queries(6):
        shows(agent.get(address(ticket)), "VIP client")
