"""A whole desk and a real browser: an answer is told in the open page, and what the customer types stays."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import ANNA
from tests.ops.whole_desk import Visitor, ready_desk, seeded
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]  # its fixtures are ours
pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds: a letter leaves a quarter of a minute after it was written
PASSWORD = "demo-helpdesk"


def answers(agent: Visitor, number: str, text: str) -> None:
    page = agent.get(f"/desk/tickets/{number}/")[1]
    agent.fill_in(page, f"/desk/tickets/{number}/replies", mode="reply", text=text)


def test_an_answer_is_told_and_shown_when_asked_and_the_end_of_the_session_too(tmp_path, browser: Browser):
    with ready_desk(seeded(tmp_path / "desk")) as desk:
        agent, elsewhere = Visitor(desk), Visitor(desk)
        agent.sign_in()
        page = browser.new_page(locale="en-GB", viewport={"width": 390, "height": 844})
        page.goto(f"{agent.site}/panel/login/")
        page.fill("[name=login]", ANNA)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) button")
        page.click("#tickets .tlist a")
        number = re.sub(r"\D", "", page.inner_text(".crumbs .no"))
        page.fill("#text", "What I am typing")
        answers(agent, number, "The certificate is renewed")
        expect(page.locator("[data-news-note]")).to_be_visible(timeout=PATIENCE)
        assert "The certificate is renewed" not in page.inner_text("#thread")
        page.click("[data-news-show]")
        expect(page.locator("#thread")).to_contain_text("The certificate is renewed")
        expect(page.locator("[data-news-note]")).to_be_hidden()
        expect(page.locator("#text")).to_have_value("What I am typing")
        expect(page.locator("#steps")).to_contain_text("Мы ответили")
        assert page.evaluate("document.activeElement.closest('article') !== null")

        elsewhere.fill_in(elsewhere.get("/panel/login/")[1], "/panel/login/", login=ANNA, password=PASSWORD)
        elsewhere.fill_in(elsewhere.get("/panel/me/")[1], "/panel/me/sessions/end")
        expect(page.locator("[data-news-over]")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#text")).to_have_value("What I am typing")
