"""Marking rows of the list and changing them at once, as a plain form and with keys."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tickets.models import BulkChange, Tag, Ticket
from tickets.services.intake import receive


def opened(count: int) -> list[str]:
    for n in range(count):
        receive(letter(subject=f"Site {n}", message_id=f"{n}@x", facts=vouched(ANNA)), origin=origin(), now=NOW)
    return list(Ticket.objects.order_by("pk").values_list("number", flat=True))


def test_the_form_works_without_javascript_and_offers_an_undo(agent):
    numbers = opened(3)
    shows(agent.get("/desk/"), 'form="bulk"', "With the marked tickets", f'value="{numbers[0]}"')
    answer = agent.post("/desk/changes/", {"ticket": numbers[:2], "status": "resolved"}, follow=True)
    made = BulkChange.objects.get()
    shows(answer, "2 tickets changed.", f"/desk/changes/{made.public_id}/undo", "Undo")
    BulkChange.objects.update(made_at=made.made_at + timedelta(minutes=5))  # however slow this machine is
    shows(agent.post(f"/desk/changes/{made.public_id}/undo", follow=True), "2 tickets are as they were.")
    assert set(Ticket.objects.values_list("status", flat=True)) == {"new"}


def test_it_speaks_russian_with_its_plurals():
    numbers = opened(2)
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    shows(client.post("/desk/changes/", {"ticket": numbers, "spam": "1"}, follow=True), "Изменены 2\u00a0заявки.")


def test_refusals_are_told_by_reason_and_few_numbers(agent):
    numbers = opened(1)
    odd = [f"11111111{n}" for n in range(7)]
    answer = agent.post("/desk/changes/", {"ticket": [*numbers, *odd], "spam": "1"}, follow=True)
    shows(answer, "1 ticket changed.", "and 2 more", "There is no such ticket for you.")


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"spam": "1"}, 200, "No ticket is marked."),
        ({"ticket": [str(n) for n in range(101)], "spam": "1"}, 200, "A hundred tickets at once at most."),
        ({"ticket": ["1"]}, 404, ""),
        ({"ticket": ["1"], "status": "eaten"}, 404, ""),
        ({"ticket": ["1"], "queue": "nowhere"}, 404, ""),
        ({"ticket": ["1"], "tag": "x"}, 200, "There is no such tag any more."),
        ({"ticket": ["1"], "assign": "y"}, 200, "There is no such person at the desk."),
    ],
)
def test_bad_input_is_refused_in_words(agent, sent, status, told):
    answer = agent.post("/desk/changes/", sent, follow=True)
    assert answer.status_code == status
    assert told in answer.content.decode()
    assert not BulkChange.objects.exists()


def test_who_may_not_work_is_offered_no_marks(ticket):
    quality = signed_in(person("quality", "quality", "first-line"))
    assert 'form="bulk"' not in quality.get("/desk/?view=all").content.decode()
    assert quality.post("/desk/changes/", {"ticket": [ticket.number], "spam": "1"}).status_code == 404


def test_another_teams_ticket_stays_as_it_is(ticket):
    other = signed_in(person("agent2", "agent", "specialists"))
    other.post("/desk/changes/", {"ticket": [ticket.number], "spam": "1"})
    assert not Ticket.objects.get().is_spam


@pytest.mark.django_db(transaction=True)
def test_marks_are_made_by_keys_and_shift_and_outlive_a_refresh(browser, live_server):
    opened(5)
    Tag.objects.create(name="VIP")
    person("agent1", "agent", "first-line")
    page = browser.new_page()
    sign_in_with(page, live_server.url, "agent1")
    assert not page.is_visible("[data-bulk]")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_selector("[data-bulk].is-on")
    page.locator(".row__check input").nth(3).click(modifiers=["Shift"])
    assert page.text_content("[data-count]") == "Marked: 4"
    page.evaluate("document.dispatchEvent(new CustomEvent('desk:refreshed'))")
    assert page.locator(".row__check input:checked").count() == 4
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert page.locator("tr .tag").count() == 4
    page.keyboard.press("j")
    page.keyboard.press("z")  # nothing marked: the row under the cursor
    expect(page.locator("tr[data-row]")).to_have_count(4)
    assert Ticket.objects.filter(is_spam=True).count() == 1


def test_one_button_marks_a_ticket_and_takes_it_back(agent, ticket):
    shows(agent.post(f"/desk/tickets/{ticket.number}/spam", follow=True), "Marked as spam", "This is no spam")
    assert ticket.subject not in agent.get("/desk/?view=all").content.decode()
    shows(agent.get("/desk/?view=spam"), ticket.subject)
    shows(agent.post(f"/desk/tickets/{ticket.number}/spam/removal", follow=True), "No spam: the ticket is back")
    shows(agent.get("/desk/?view=all"), ticket.subject)
