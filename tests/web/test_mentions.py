"""Naming a colleague in a note, with the keyboard and without scripts."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from staff.models import StaffProfile
from tests.tickets.test_mentions import tells
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tickets.models import Note, Ticket


def staff_id(login: str) -> int:
    return StaffProfile.objects.get(user__login=login).pk


def test_a_note_shows_whom_it_called_and_says_who_was_not_told(agent, ticket):
    person("lead", "lead")
    person("agent2", "agent", "specialists")
    page = agent.post(f"/desk/tickets/{ticket.number}/notes", {"text": "@Lead <b> @Agent2, look"}, follow=True)
    shows(page, '<span class="mention">@Lead</span> &lt;b&gt; @Agent2, look')
    why = "@Agent2 is not told: this ticket is not theirs to see."
    assert page.content.decode().count(why) == 2  # once as a notice, once for good under the note
    assert "<b>" not in page.content.decode().partition('class="mention"')[2][:60]


def test_names_are_offered_to_those_who_see_the_ticket_only(agent, ticket):
    person("lead", "lead")
    answer = agent.get(f"/desk/tickets/{ticket.number}/colleagues")
    assert answer.json() == {"people": [{"name": "Lead", "handle": "Lead"}]}
    other = signed_in(person("agent2", "agent", "specialists"))
    assert other.get(f"/desk/tickets/{ticket.number}/colleagues").status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_name_is_completed_with_the_arrows_and_the_note_sent_by_keys(
    browser: Browser, live_server: LiveServer, ticket: Ticket
):
    for login, role in (("agent1", "agent"), ("lead", "lead"), ("lena", "agent"), ("quality", "quality")):
        person(login, role, "first-line")
    page = browser.new_page(locale="en-GB")
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/tickets/{ticket.number}/")
    page.keyboard.press("KeyN")
    page.keyboard.type("ask @le")
    options = page.locator("#calls [role=option]")
    expect(options).to_have_text(["Lead", "Lena"])
    page.keyboard.press("ArrowDown")
    expect(page.locator("#calls [aria-selected=true]")).to_have_text("Lena")
    assert page.get_attribute("#text-note", "aria-activedescendant") == "call-1"
    page.keyboard.press("Enter")
    expect(page.locator("#text-note")).to_have_value("ask @Lena")
    expect(page.locator("#calls")).to_be_hidden()
    page.keyboard.type(" or @qu")
    expect(options).to_have_text(["Quality"])
    page.keyboard.press("Escape")
    expect(page.locator("#calls")).to_be_hidden()
    expect(page.locator("#text-note")).to_be_focused()
    page.keyboard.type(" anna@le")
    expect(page.locator("#calls")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Note saved.")
    assert Note.objects.get().text == "ask @Lena or @qu anna@le"
    assert tells() == {str(staff_id("lena")): "mentioned"}
