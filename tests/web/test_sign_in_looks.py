"""The door of the desk and of the panel for other eyes and hands."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.web.looking import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("door", ["desk", "panel"])
def test_a_password_that_is_being_typed_may_be_looked_at(page: Page, live_server: LiveServer, door: str, views) -> None:
    page.goto(f"{live_server.url}/{door}/login/")
    page.fill("#password", "what I type")
    page.click("[data-reveal]")
    expect(page.locator("#password")).to_have_attribute("type", "text")
    expect(page.locator("[data-reveal]")).to_have_attribute("aria-pressed", "true")
    looks(page, views(390, "dark"), f"the door of the {door}")
    page.click("[data-reveal]")
    expect(page.locator("#password")).to_have_attribute("type", "password")
    expect(page.locator("#password")).to_have_value("what I type")
