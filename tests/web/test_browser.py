"""The desk in a real browser: what only scripts do."""

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.cast import ANNA, NOW, letter, origin, person, vouched
from tests.web.conftest import sign_in_with
from tickets.models import Draft, Message
from tickets.services.intake import receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    person("agent1", "agent", "first-line")
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    page = browser.new_page(locale="en-GB")
    sign_in_with(page, live_server.url, "agent1")
    return page


def test_an_agent_answers_with_the_keyboard_alone_in_any_layout(page: Page):
    page.keyboard.press("Period")
    page.keyboard.press("Enter")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyR")
    page.keyboard.type("We look into it")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Reply is on its way.")
    assert Message.objects.get(author="agent").text.startswith("We look into it")


def test_a_draft_is_on_the_server_a_few_seconds_after_typing_and_back_after_reloading(page: Page):
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyN")
    page.keyboard.type("half a thought")
    page.wait_for_selector("#note [data-saved]:not(:empty)")
    assert Draft.objects.get(mode="note").text == "half a thought"
    page.reload()
    assert page.input_value("#text-note") == "half a thought"
    assert page.input_value("#text-reply") == ""


def test_the_theme_stays_after_reloading(page: Page):
    page.click("[data-theme-toggle]")
    chosen = page.get_attribute("html", "data-theme")
    page.reload()
    assert page.get_attribute("html", "data-theme") == chosen
