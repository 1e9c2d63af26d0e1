"""Tags and the signature of a queue for people with other eyes and hands."""

import pytest

from tests.web.test_accessibility import looks, page, views  # noqa: F401 - fixtures
from tests.web.test_setup_mail_looks import admin  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_tags_and_a_signature(admin, live_server, views):  # noqa: F811
    admin.goto(f"{live_server.url}/setup/tags/new/")
    admin.press("#name", "Enter")
    admin.wait_for_selector(".error-sum")
    looks(admin, views(390, "dark"), "a tag with an error")
    admin.fill("#name", "Ж" * 40)
    admin.check("[name=colour][value=d]")
    admin.press("#name", "Enter")
    admin.wait_for_selector(".tag--d")
    looks(admin, views(390, "light"), "tags")
