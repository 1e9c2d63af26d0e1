"""The pages of the API for people with other eyes and hands."""

import pytest
from playwright.sync_api import expect

from tests.web.looking import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_tokens_and_the_description(admin_page, live_server, views):
    admin_page.goto(f"{live_server.url}/setup/api/new/")
    admin_page.press("#name", "Enter")
    expect(admin_page.locator(".error-sum")).to_be_focused()
    looks(admin_page, views(390, "dark"), "a token with an error")
    admin_page.fill("#name", "Ж" * 100)
    admin_page.check("[name=scopes][value='accounts:write']")
    admin_page.press("#name", "Enter")
    admin_page.wait_for_selector("#secret")
    looks(admin_page, views(390, "light"), "the secret")
    admin_page.goto(f"{live_server.url}/setup/api/keys/new/")
    admin_page.press("#issuer", "Enter")
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(390, "dark"), "a key with an error")
    admin_page.goto(f"{live_server.url}/panel/sso/?token=x")
    admin_page.click("main form button")
    admin_page.wait_for_selector("h1:text-matches('This link opens nothing|Эта ссылка ничего не открывает')")
    looks(admin_page, views(390, "dark"), "a link that opens nothing")
    admin_page.goto(f"{live_server.url}/setup/api/")
    looks(admin_page, views(390, "light"), "tokens")
    admin_page.goto(f"{live_server.url}/api/v1/docs/")
    admin_page.click("#open_ticket summary")
    looks(admin_page, views(390, "dark"), "the description")
