"""The list of tickets."""

import gzip
import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from core.clock import now as read_clock
from staff.models import StaffProfile
from staff.roles import Role
from tests.cast import NOW, letter, origin
from tests.web.conftest import person, shows, signed_in
from tickets import queries
from tickets.models import Ticket
from tickets.queries import QueueFilter
from tickets.services.intake import receive
from users.models import User
from web.desk.fragments import rendered
from web.desk.rows import grouped


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


def test_the_list_is_narrowed_to_door_proof_and_days(agent, ticket):
    day = NOW.date().isoformat()
    fits = {"view": "all", "door": "email", "level": "2", "since": day, "until": day}
    assert ticket.subject in agent.get("/desk/", fits).content.decode()
    for name, value in {"door": "phone", "level": "3", "since": "2026-11-24", "until": "2026-11-22"}.items():
        page = agent.get("/desk/", fits | {name: value})
        shows(page, "Nothing fits the filter")
        assert ticket.subject not in page.content.decode()


def test_a_filter_that_wants_looking_takes_one_query_more(agent, ticket, django_assert_num_queries):
    agent.get("/desk/")
    with django_assert_num_queries(5):
        agent.get("/desk/?view=all&door=phone")


def test_the_next_page_keeps_the_filter(agent):
    for number in range(60):
        receive(letter(subject=f"Site {number}", message_id=f"m{number}@x"), origin=origin(raw_id=""), now=NOW)
    page = agent.get("/desk/?view=all&door=email&level=1&since=2026-11-01")
    second = agent.get("/desk/" + page.context["next_query"])
    assert "door=email&level=1&since=2026-11-01" in page.context["next_query"]
    assert (page.context["count"], second.context["count"]) == (50, 10)


def test_an_administrator_is_told_that_his_role_reads_no_tickets(ticket):
    page = signed_in(person("admin", "admin")).get("/desk/")
    shows(page, "Your role does not read tickets")
    assert ticket.subject not in page.content.decode()


def test_an_agent_of_another_team_does_not_see_the_ticket(ticket):
    other = signed_in(person("agent2", "agent", "specialists"))
    assert ticket.subject not in other.get("/desk/?view=all").content.decode()


def test_no_two_commands_share_a_key(agent, ticket):
    page = agent.get(f"/desk/tickets/{ticket.number}/").content.decode()
    for pattern in (r'data-press="(\w+)"', r'id="(cmd-[\w-]+)"', r'data-key="(Key\w)"'):
        found = re.findall(pattern, page)
        assert found and len(found) == len(set(found)), sorted(found)


def test_the_live_region_is_the_list_without_the_page(agent, ticket):
    page = agent.get("/desk/", headers={"x-region": "list"}).content.decode()
    assert ticket.subject in page
    assert "<html" not in page


def test_an_unknown_filter_value_is_left_out(agent, ticket):
    shows(
        agent.get(
            "/desk/?view=nonsense&status=odd&tier=9&assignee=x&door=%00&level=-1&since=x&until=2026-02-31&after=%%%"
        ),
        ticket.subject,
    )


def test_the_queue_takes_four_queries_however_many_rows(agent, django_assert_num_queries):
    """Session, person, list, queues with counters; asked over HTTP with a session of its own sign-in."""
    agent.get("/desk/")
    for number in range(5):
        receive(letter(subject=f"Site {number}", message_id=f"m{number}@x"), origin=origin(raw_id=""), now=NOW)
        with django_assert_num_queries(4):
            shows(agent.get("/desk/"), f"Site {number}")


def test_the_list_beside_a_ticket_shows_it_in_its_midst(agent, ticket, django_assert_num_queries):
    """Session, person, the ticket's place, the queues, the list."""
    for number in range(30):
        receive(letter(subject=f"Site {number}", message_id=f"m{number}@x"), origin=origin(raw_id=""), now=NOW)
    last = Ticket.objects.latest("pk")
    asked = {"path": f"/desk/?view=all&queue={last.queue.slug}&around={last.number}", "headers": {"X-Region": "mini"}}
    agent.get(**asked)
    with django_assert_num_queries(5):
        shown = agent.get(**asked)
    assert [row.number for row in shown.context["rows"]][-1] == last.number
    assert shown.context["title"] == last.queue.name_en
    for unknown in ("000000000", "x", "%00", "9" * 500):
        other = agent.get(f"/desk/?view=all&around={unknown}", headers={"X-Region": "mini"})
        assert other.context["rows"][0].number == ticket.number


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("subject", "Another subject", "Another subject"),
        ("status", "workaround", "Workaround given"),
        ("level", 4, "authorised"),
        ("due_at", datetime(2031, 5, 6, 7, tzinfo=UTC), "06.05 10:00"),
        ("held_count", 1, "other sender"),
        ("preview", "what came next", "what came next"),
        ("account_id", None, "Имя"),
    ],
)
def test_a_kept_row_never_outlives_what_it_shows(agent, ticket, column, value, shown):
    """Written past the services, so that not even `version` moves."""
    assert shown not in row_of(agent.get("/desk/"), ticket)
    Ticket.objects.filter(pk=ticket.pk).update(**{column: value})
    assert shown in row_of(agent.get("/desk/"), ticket)


def test_a_row_follows_the_names_it_shows(agent, ticket):
    me = StaffProfile.objects.get(name="Agent1")
    Ticket.objects.filter(pk=ticket.pk).update(assignee=me)
    assert "Agent1" in row_of(agent.get("/desk/"), ticket)
    StaffProfile.objects.filter(pk=me.pk).update(name="Renamed")
    page = row_of(agent.get("/desk/"), ticket)
    assert "Renamed" in page
    assert "Agent1" not in page


def test_a_level_past_its_term_is_not_shown_in_a_row(agent, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(level=4, level_until=read_clock() - timedelta(seconds=1))
    assert "proof--1" in row_of(agent.get("/desk/"), ticket)


def test_readers_of_another_language_or_zone_have_rows_of_their_own(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(due_at=datetime(2031, 5, 6, 7, tzinfo=UTC))
    email = person("agent1", "agent", "first-line")
    rows = {}
    for language, zone in itertools.product(("en", "ru"), ("Europe/Moscow", "Asia/Vladivostok")):
        User.objects.filter(email=email).update(time_zone=zone)
        rows[language, zone] = row_of(signed_in(email, language=language).get("/desk/"), ticket)
    assert "06.05 10:00" in rows["en", "Europe/Moscow"]
    assert "06.05 17:00" in rows["en", "Asia/Vladivostok"]
    assert "Новая" in rows["ru", "Europe/Moscow"]
    assert len(set(rows.values())) == 4


def test_a_row_is_rendered_once_for_each_role_language_and_zone_and_change(ticket):
    clients = [signed_in(person(role, role, "first-line")) for role in ("agent", "lead", "quality")]
    for client in clients:
        client.get("/desk/?view=all")
    before = rendered.cache_info().misses
    for client in clients:
        client.get("/desk/?view=all")
    assert rendered.cache_info().misses == before
    page = queries.queue_page(StaffProfile.objects.get(role="lead").actor(), QueueFilter("all"), now=NOW)
    with translation.override("en"):
        grouped(page.rows, role=Role.AGENT, now=NOW)
        assert rendered.cache_info().misses == before
        grouped(page.rows, role=Role.ADMIN, now=NOW)
    assert rendered.cache_info().misses == before + 1


def row_of(answer, ticket: Ticket) -> str:
    return answer.content.decode().partition(f'id="t-{ticket.pk}"')[2].partition("</tr>")[0]


def test_a_page_travels_compressed_to_who_can_read_it(agent, ticket):
    browser = {"accept-encoding": "gzip, deflate, br"}
    answer = agent.get("/desk/", headers=browser)
    assert answer["Content-Encoding"] == "gzip"
    assert ticket.subject in gzip.decompress(answer.content).decode()
    assert "Content-Encoding" not in agent.get("/desk/")


@pytest.mark.parametrize("address", ["/desk/", "/desk/quarantine/"])
def test_pages_forbid_inline_scripts_and_hold_none(agent, ticket, address):
    answer = agent.get(address)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert "<script>" not in page
    assert " style=" not in page


def test_an_empty_spam_says_what_it_is_for(agent):
    shows(agent.get("/desk/?view=spam"), "No spam here", "Tickets marked as spam appear here.")


def test_who_reads_no_tickets_is_sent_on_to_the_set_up(agent):
    admin, way = signed_in(person("admin", "admin")), 'href="/setup/">Set up</a>'
    for address in ("/desk/", "/desk/quarantine/", "/desk/tickets/123456789/"):
        shows(admin.get(address), way)
    refused = agent.get("/setup/")
    shows(refused, "If your work needs it, ask an administrator of the desk.", 'href="/desk/">To the tickets</a>')
    assert way not in refused.content.decode()
