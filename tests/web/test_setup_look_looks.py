"""The look and the first steps for people with other eyes and hands, with an accent of the desk's own."""

import pytest

from tests.unit.core.test_png import PLAIN
from tests.web.test_accessibility import looks, page, views  # noqa: F401 - fixtures
from tests.web.test_setup_mail_looks import admin  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_look(admin, live_server, views):  # noqa: F811
    admin.goto(f"{live_server.url}/setup/look/")
    admin.fill("#name", "Ромашка")
    admin.fill("#accent", "#f0a000")
    admin.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": PLAIN})
    admin.press("#name", "Enter")
    admin.wait_for_selector(".error-sum")
    looks(admin, views(390, "light"), "look with an error")
    admin.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": PLAIN})
    admin.click("[name=offered]")
    admin.wait_for_selector(".setup__logo img")
    assert admin.evaluate("document.querySelector('.setup__logo img').naturalWidth") == 2
    looks(admin, views(1440, "dark"), "look")
    admin.click("details.menu summary")
    admin.click("[name=language][value=en]")
    admin.wait_for_selector("text=Show no logo any more")
    looks(admin, views(1440, "light"), "look in English")
    fill = "getComputedStyle(document.querySelector('.btn--primary')).backgroundColor"
    assert admin.evaluate(fill) != "rgb(33, 80, 208)"
    admin.goto(live_server.url)
    looks(admin, views(390, "dark"), "public start")
