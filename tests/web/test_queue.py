"""The list of tickets."""

import pytest

from staff.models import StaffProfile
from tests.cast import NOW, letter, origin
from tests.web.conftest import person, shows, signed_in
from tickets.services.intake import receive


def test_a_new_ticket_stands_in_the_queue_with_what_matters(agent, ticket):
    shows(agent.get("/desk/"), ticket.subject, "HD-", "vouched for", f"/desk/tickets/{ticket.number}/", "data-due=")


def test_the_queue_reads_in_russian(ticket):
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    shows(client.get("/desk/"), "Мои и новые", "Новая", "Кто пишет")


def test_an_empty_list_says_so(agent):
    shows(agent.get("/desk/?view=mine"), "All answered")


def test_what_a_filter_empties_is_not_called_answered(agent, ticket):
    page = agent.get("/desk/?assignee=nobody&status=closed")
    shows(page, "Nothing fits the filter", "Clear the filter")
    assert "All answered" not in page.content.decode()


def test_the_list_is_narrowed_to_an_assignee(ticket):
    me, colleague = person("agent1", "agent", "first-line"), person("agent3", "agent", "first-line")
    client = signed_in(me)
    client.post(f"/desk/tickets/{ticket.number}/claim")
    ids = dict(StaffProfile.objects.values_list("user__email", "pk"))
    assert ticket.subject in client.get(f"/desk/?view=all&assignee={ids[me]}").content.decode()
    for assignee in ("nobody", ids[colleague]):
        assert ticket.subject not in client.get(f"/desk/?view=all&assignee={assignee}").content.decode()


def test_the_filter_offers_everybody_and_remembers_the_choice(agent):
    staff = StaffProfile.objects.get()
    shows(agent.get(f"/desk/?assignee={staff.pk}"), f'<option value="{staff.pk}" selected>{staff.name}</option>')


def test_an_administrator_is_told_that_his_role_reads_no_tickets(ticket):
    page = signed_in(person("admin", "admin")).get("/desk/")
    shows(page, "Your role does not read tickets")
    assert ticket.subject not in page.content.decode()


def test_an_agent_of_another_team_does_not_see_the_ticket(ticket):
    other = signed_in(person("agent2", "agent", "specialists"))
    assert ticket.subject not in other.get("/desk/?view=all").content.decode()


def test_the_live_region_is_the_list_without_the_page(agent, ticket):
    page = agent.get("/desk/", headers={"x-region": "list"}).content.decode()
    assert ticket.subject in page
    assert "<html" not in page


def test_an_unknown_filter_value_is_left_out(agent, ticket):
    shows(agent.get("/desk/?view=nonsense&status=odd&tier=9&assignee=x&after=%%%"), ticket.subject)


def test_the_queue_takes_six_queries_however_many_rows(agent, django_assert_max_num_queries):
    for number in range(5):
        receive(letter(subject=f"Site {number}", message_id=f"m{number}@x"), origin=origin(raw_id=""), now=NOW)
    agent.get("/desk/")
    with django_assert_max_num_queries(6):
        agent.get("/desk/")


@pytest.mark.parametrize("address", ["/desk/", "/desk/quarantine/"])
def test_pages_forbid_inline_scripts_and_hold_none(agent, ticket, address):
    answer = agent.get(address)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert "<script>" not in page
    assert " style=" not in page
