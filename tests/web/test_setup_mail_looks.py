"""The mail pages of the set-up for people with other eyes and hands."""

import pytest
from playwright.sync_api import Page

from channels_app.models import DoorState
from core.clock import now as read_clock
from ops.demo.dns import Zones, serving
from ops.demo.zones import Record
from tests.web.looking import looks
from tests.web.test_setup_mail import MAILBOX

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill(admin_page: Page, **values: str) -> None:
    admin_page.check(f"[name=door][value={values.pop('door')}]")
    for name in ("queue", "security"):
        if name in values:
            admin_page.select_option(f"#{name}", values.pop(name))
    for name, value in values.items():
        admin_page.fill(f"#{name}", value)
    admin_page.click("form.mailbox .btn--primary")


def test_mailboxes(admin_page, live_server, views, settings):
    fill(admin_page, **{**MAILBOX, "host": "two words", "port": "99999"})
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(1440, "light"), "new mailbox with errors")
    fill(admin_page, **{**MAILBOX, "port": "1024", "password": "hunter2"})
    admin_page.wait_for_url("**/setup/mailboxes/help-example-com/")
    admin_page.click("text=Проверить сейчас")
    admin_page.wait_for_selector(".callout--danger")
    looks(admin_page, views(390, "light"), "mailbox that does not answer")
    admin_page.goto(f"{live_server.url}/setup/mailboxes/")
    looks(admin_page, views(390, "light"), "mailboxes")


def test_the_relay(admin_page, live_server, views, settings):
    settings.DEMO = False
    admin_page.goto(f"{live_server.url}/setup/relay/")
    admin_page.click("form[action$=check] button")
    admin_page.wait_for_selector(".callout--danger")
    looks(admin_page, views(1440, "dark"), "relay that is not set")


def test_health_and_records(admin_page, live_server, views, settings):
    fill(admin_page, **MAILBOX)
    admin_page.wait_for_url("**/setup/mailboxes/help-example-com/")
    DoorState.objects.create(door="smtp", alive_at=read_clock(), trouble="no_room", troubled_since=read_clock())
    with serving(Zones([Record("example.com", "TXT", "v=spf1 -all")])) as server:
        settings.DNS = server.address
        admin_page.goto(f"{live_server.url}/setup/mail/")
        looks(admin_page, views(390, "light"), "mail health")
        admin_page.click("form[action$=records] button")
        admin_page.wait_for_selector(".health--warn")
    looks(admin_page, views(1440, "dark"), "mail health, its records")


def test_texts(admin_page, live_server, views):
    admin_page.goto(f"{live_server.url}/setup/texts/")
    admin_page.click("a[href$='/auto_reply_proven/ru/']")
    admin_page.fill("#text", "Ваш номер {number}, логин {login}")
    admin_page.click("form .btn--primary")
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(390, "dark"), "text with an error")
    admin_page.fill("#text", "Ваш номер {number}")
    admin_page.click("button[formaction$=preview]")
    admin_page.wait_for_selector("iframe")
    looks(admin_page, views(1440, "dark"), "text and its letter")
    admin_page.click("form .btn--primary")
    admin_page.wait_for_selector(".setup__history")
    looks(admin_page, views(390, "light"), "text with its history")
