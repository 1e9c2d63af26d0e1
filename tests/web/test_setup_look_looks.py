"""The look and the first steps for people with other eyes and hands, with an accent of the desk's own."""

import pytest

from tests.unit.core.test_png import PLAIN
from tests.web.looking import looks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_look(admin_page, live_server, views):
    admin_page.goto(f"{live_server.url}/setup/look/")
    admin_page.fill("#name", "Ромашка")
    admin_page.fill("#accent", "#f0a000")
    admin_page.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": PLAIN})
    admin_page.press("#name", "Enter")
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(390, "light"), "look with an error")
    admin_page.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": PLAIN})
    admin_page.click("[name=offered]")
    admin_page.wait_for_selector(".setup__logo img")
    assert admin_page.evaluate("document.querySelector('.setup__logo img').naturalWidth") == 2
    looks(admin_page, views(1440, "dark"), "look")
    admin_page.click("details.menu summary")
    admin_page.click("[name=language][value=en]")
    admin_page.wait_for_selector("text=Show no logo any more")
    looks(admin_page, views(1440, "light"), "look in English")
    fill = "getComputedStyle(document.querySelector('.btn--primary')).backgroundColor"
    assert admin_page.evaluate(fill) != "rgb(33, 80, 208)"
    admin_page.goto(live_server.url)
    looks(admin_page, views(390, "dark"), "public start")
