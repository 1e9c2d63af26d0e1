"""The mail pages of the set-up for people with other eyes and hands."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from channels_app.models import DoorState
from core.clock import now as read_clock
from ops.demo.dns import Zones, serving
from ops.demo.zones import Record
from tests.web.conftest import enter, person, signed_in
from tests.web.test_accessibility import looks, page, views  # noqa: F401 - fixtures
from tests.web.test_setup_mail import MAILBOX

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def admin(page: Page, live_server: LiveServer) -> Page:  # noqa: F811
    enter(page, live_server.url, signed_in(person("admin", "admin"), language="ru"))
    page.goto(f"{live_server.url}/setup/mailboxes/new/")
    return page


def fill(admin: Page, **values: str) -> None:
    admin.check(f"[name=door][value={values.pop('door')}]")
    for name in ("queue", "security"):
        if name in values:
            admin.select_option(f"#{name}", values.pop(name))
    for name, value in values.items():
        admin.fill(f"#{name}", value)
    admin.click("form.mailbox .btn--primary")


def test_mailboxes(admin, live_server, views, settings):  # noqa: F811
    fill(admin, **{**MAILBOX, "host": "two words", "port": "99999"})
    admin.wait_for_selector(".error-sum")
    looks(admin, views(1440, "light"), "new mailbox with errors")
    fill(admin, **{**MAILBOX, "port": "1024", "password": "hunter2"})
    admin.wait_for_url("**/setup/mailboxes/help-example-com/")
    admin.click("text=Проверить сейчас")
    admin.wait_for_selector(".callout--danger")
    looks(admin, views(390, "light"), "mailbox that does not answer")
    admin.goto(f"{live_server.url}/setup/mailboxes/")
    looks(admin, views(390, "light"), "mailboxes")


def test_the_relay(admin, live_server, views, settings):  # noqa: F811
    settings.DEMO = False
    admin.goto(f"{live_server.url}/setup/relay/")
    admin.click("form[action$=check] button")
    admin.wait_for_selector(".callout--danger")
    looks(admin, views(1440, "dark"), "relay that is not set")


def test_health_and_records(admin, live_server, views, settings):  # noqa: F811
    fill(admin, **MAILBOX)
    admin.wait_for_url("**/setup/mailboxes/help-example-com/")
    DoorState.objects.create(door="smtp", alive_at=read_clock(), trouble="no_room", troubled_since=read_clock())
    with serving(Zones([Record("example.com", "TXT", "v=spf1 -all")])) as server:
        settings.DNS = server.address
        admin.goto(f"{live_server.url}/setup/mail/")
        looks(admin, views(390, "light"), "mail health")
        admin.click("form[action$=records] button")
        admin.wait_for_selector(".health--warn")
    looks(admin, views(1440, "dark"), "mail health, its records")


def test_texts(admin, live_server, views):  # noqa: F811
    admin.goto(f"{live_server.url}/setup/texts/")
    admin.click("a[href$='/auto_reply_proven/ru/']")
    admin.fill("#text", "Ваш номер {number}, логин {login}")
    admin.click("form .btn--primary")
    admin.wait_for_selector(".error-sum")
    looks(admin, views(390, "dark"), "text with an error")
    admin.fill("#text", "Ваш номер {number}")
    admin.click("button[formaction$=preview]")
    admin.wait_for_selector("iframe")
    looks(admin, views(1440, "dark"), "text and its letter")
    admin.click("form .btn--primary")
    admin.wait_for_selector(".setup__history")
    looks(admin, views(390, "light"), "text with its history")
