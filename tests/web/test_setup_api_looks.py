"""The pages of the API for people with other eyes and hands."""

import pytest

from tests.web.test_accessibility import looks, page, views  # noqa: F401 - fixtures
from tests.web.test_setup_mail_looks import admin  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_tokens_and_the_description(admin, live_server, views):  # noqa: F811
    admin.goto(f"{live_server.url}/setup/api/new/")
    admin.press("#name", "Enter")
    admin.wait_for_selector(".error-sum")
    looks(admin, views(390, "dark"), "a token with an error")
    admin.fill("#name", "Ж" * 100)
    admin.check("[name=scopes][value='accounts:write']")
    admin.press("#name", "Enter")
    admin.wait_for_selector("#secret")
    looks(admin, views(390, "light"), "the secret")
    admin.goto(f"{live_server.url}/setup/api/keys/new/")
    admin.press("#issuer", "Enter")
    admin.wait_for_selector(".error-sum")
    looks(admin, views(390, "dark"), "a key with an error")
    admin.goto(f"{live_server.url}/panel/sso/?token=x")
    admin.click("main form button")
    admin.wait_for_selector("h1:text-matches('This link opens nothing|Эта ссылка ничего не открывает')")
    looks(admin, views(390, "dark"), "a link that opens nothing")
    admin.goto(f"{live_server.url}/setup/api/")
    looks(admin, views(390, "light"), "tokens")
    admin.goto(f"{live_server.url}/api/v1/docs/")
    admin.click("#open_ticket summary")
    looks(admin, views(390, "dark"), "the description")
