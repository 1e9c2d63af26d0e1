"""Tags and the signature of a queue for people with other eyes and hands."""

import pytest

from tests.web.looking import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_tags_and_a_signature(admin_page, live_server, views):
    admin_page.goto(f"{live_server.url}/setup/tags/new/")
    admin_page.press("#name", "Enter")
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(390, "dark"), "a tag with an error")
    admin_page.fill("#name", "Ж" * 40)
    admin_page.check("[name=colour][value=d]")
    admin_page.press("#name", "Enter")
    admin_page.wait_for_selector(".tag--d")
    looks(admin_page, views(390, "light"), "tags")
