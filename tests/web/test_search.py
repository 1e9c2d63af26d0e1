"""The search page and the palette, as people use them."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests import cast
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tickets.models import Message, Ticket
from tickets.numbers import pretty
from tickets.services import search as index
from tickets.services.intake import receive


def found_by(client, typed: str, **more: str):
    index.index_all()
    return client.get("/desk/search/", {"q": typed, **more})


def test_what_was_found_is_shown_with_its_words_marked(agent, ticket):
    answer = found_by(agent, "помогите")
    shows(answer, f"/desk/tickets/{ticket.number}/", "<mark>Помогите</mark>", pretty(ticket.number))


def test_the_other_layout_is_told_and_a_wrong_number_too(agent, ticket):
    shows(found_by(agent, "gjvjubnt"), "instead of “gjvjubnt”", ticket.number)
    shows(
        found_by(agent, ticket.number[:-1] + str((int(ticket.number[-1]) + 1) % 10)),
        "One digit of this number is wrong",
    )


@pytest.mark.parametrize(
    ("more", "is_found"),
    [({"status": "new"}, True), ({"status": "closed"}, False), ({"door": "email", "level": "1"}, True),
     ({"level": "5"}, False), ({"since": "2000-01-01"}, True), ({"since": "2999-01-01"}, False),
     ({"until": "2000-01-01"}, False),
     ({"assignee": "nobody"}, True), ({"queue": "domains"}, False),
     ({"since": "31.31.31", "level": "x", "account": "'", "assignee": "-1", "status": "?", "after": "%"}, True)],
)  # fmt: skip
def test_filters_narrow_and_nonsense_is_left_out(agent, ticket, more, is_found):
    assert (f"f-{ticket.number}" in found_by(agent, "помогите", **more).content.decode()) == is_found


def test_all_tickets_of_an_account_are_one_click_away(agent, ticket):
    page = found_by(agent, "ромашка").content.decode()
    where = page.partition("?account=")[2].partition('"')[0]
    shows(agent.get(f"/desk/search/?account={where}"), f"f-{ticket.number}")


def test_empty_and_fruitless_searches_say_what_to_do(agent, ticket):
    shows(found_by(agent, ""), "What do you look for?")
    shows(found_by(agent, "небывальщина"), "Nothing found", "Try fewer words")
    shows(found_by(agent, "как и в"), "These words stand in every text")


def test_who_sees_no_tickets_searches_none(ticket):
    admin = signed_in(person("admin", "admin"))
    assert admin.get("/desk/search/?q=annahost").status_code == 403
    assert 'id="palette"' not in admin.get("/desk/").content.decode()


def test_words_of_a_letter_cannot_become_markup(agent):
    receive(letter(subject="<b>x</b> привет", text="<script>alert(1)</script> привет"), origin=origin("m"), now=NOW)
    page = found_by(agent, "привет <script>").content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_the_page_asks_few_queries(agent, ticket, django_assert_max_num_queries):
    found_by(agent, "помогите")
    with django_assert_max_num_queries(10):
        found_by(agent, "помогите")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_palette_finds_and_does_by_keys_in_both_layouts(browser: Browser, live_server: LiveServer):
    agent = cast.actor("agent1", "agent", "first-line")
    number = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_number
    index.index_all()
    page = browser.new_page(locale="ru-RU", viewport={"width": 1440, "height": 900})
    sign_in_with(page, live_server.url, "agent1@staff.example")
    assert agent.staff_id
    page.keyboard.press("Control+KeyK")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("annahost")
    expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text("Ромашка")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/tickets/{number}/")
    page.keyboard.press("Slash")
    page.keyboard.type("заметка")
    expect(page.locator("#palette [role=option]:visible").first).to_contain_text("заметка")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#text-note")).to_be_visible()
    page.goto(f"{live_server.url}/desk/")
    page.wait_for_load_state("load")
    page.keyboard.press("Slash")
    page.keyboard.type("помогите")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/search/?q=*")
    expect(page.locator("mark").first).to_have_text("Помогите")
    page.keyboard.press("Escape")
    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/tickets/{number}/")


def test_a_narrow_filter_says_how_far_was_looked_and_leads_further(agent):
    """Words of many texts, none of the newest in the filter: the page does not say that there is nothing."""
    first = receive(letter(subject="First", message_id="0@x", facts=vouched(ANNA)), origin=origin(), now=NOW)
    Ticket.objects.filter(pk=first.ticket_id).update(door="phone")
    many = receive(letter(subject="Many", message_id="1@x", facts=vouched(ANNA)), origin=origin(), now=NOW)
    Message.objects.bulk_create(
        Message(ticket_id=many.ticket_id, direction="in", author="requester", text="Помогите", message_id=f"m{n}",
                created_at=NOW + timedelta(minutes=n + 1))
        for n in range(4_500)
    )  # fmt: skip
    page = found_by(agent, "помогите", door="phone")
    shows(page, "Nothing yet", "Look further")
    further = re.search(r'href="([^"]+)" rel="next"', page.content.decode())[1].replace("&amp;", "&")
    shows(agent.get(f"/desk/search/{further}"), f"f-{first.ticket_number}")


@pytest.mark.django_db(transaction=True)
def test_the_palette_offers_every_key_that_does_something_here(browser: Browser, live_server: LiveServer, ticket):
    person("agent1", "agent", "first-line")
    page = browser.new_page(locale="en-GB")
    sign_in_with(page, live_server.url, "agent1")

    def offered() -> set[str]:
        page.keyboard.press("Control+KeyK")
        keys = set(page.locator("#palette [data-commands] [role=option]:visible kbd").all_inner_texts())
        page.keyboard.press("Escape")
        return keys

    assert offered() == {"A", "S", "E", "Z", "M", "X", "C", "D", "G 1", "G 3", "?", "J", "K"}  # no tags yet
    page.keyboard.press("j")
    page.keyboard.press("Control+KeyK")
    page.keyboard.type("mark this")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-bulk].is-on")
    page.goto(f"{live_server.url}/desk/tickets/{ticket.number}/")
    page.wait_for_load_state("networkidle")
    assert offered() >= {"R", "N", "A", "S", "Z", "M", "L", "C"}
