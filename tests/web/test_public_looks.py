"""The public pages in a browser: with JavaScript and without, for other eyes and hands, in both languages."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import visitors
from tests.cast import MALLORY
from tests.channels_app.conftest import loop, sink  # noqa: F401 - the fixtures
from tests.visitors import code_in, link_in, mails
from tests.web.looking import looks
from tickets.models import Attachment, Message, Ticket
from tickets.numbers import pretty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 30_000
CHOOSE = """([field, bytes]) => {
    const chosen = new DataTransfer(), input = document.querySelector(field);
    chosen.items.add(new File([new ArrayBuffer(bytes)], "video.mp4"));
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}"""


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    visitors.door()


@pytest.fixture
def letters(sink, settings, tmp_path):  # noqa: F811
    return lambda: mails(sink[0], settings, sink[1], tmp_path)


def opened(browser: Browser, *, language: str = "en-GB", javascript: bool = True) -> Page:
    page = browser.new_page(locale=language, java_script_enabled=javascript, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE)
    return page


def fill(page: Page) -> None:
    page.fill("#subject", "The site answers 502")
    page.fill("#text", "Since this morning every page")
    page.fill("#email", MALLORY)
    page.check("#consent")


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
def test_with_javascript_the_browser_works_for_the_number(browser, live_server: LiveServer, language):
    page = opened(browser, language=language)
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{live_server.url}/request/")
    fill(page)
    page.fill("#steps", "Opened the site")
    expect(page.locator("#change")).to_be_hidden()
    page.evaluate(CHOOSE, ["#files", 25 * 1024 * 1024 + 1])
    expect(page.locator("[data-too-large]")).to_be_visible()
    page.click("main button.btn--primary")
    expect(page.locator("#files")).to_be_focused()
    assert page.url.endswith("/request/")
    page.set_input_files("#files", {"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n0"})
    expect(page.locator("[data-chosen]")).to_have_text("screen.png")
    expect(page.locator("[data-too-large]")).to_be_hidden()
    page.click("main button.btn--primary")
    page.wait_for_selector("#number")
    assert not refused
    ticket = Ticket.objects.get()
    expect(page.locator("#number")).to_have_text(pretty(ticket.number))
    assert (ticket.level, Attachment.objects.count()) == (1, 1)


def test_without_javascript_the_form_falls_back_to_a_mailed_link(browser, live_server: LiveServer, letters):
    page = opened(browser, javascript=False)
    page.goto(f"{live_server.url}/request/")
    fill(page)
    page.check("[value=administrative]")
    expect(page.locator("#change")).to_be_visible()
    page.fill("#change", "The name in the contract")
    while not page.url.endswith("/request/sent/"):  # told to be too fast, everything is kept
        page.click("main button.btn--primary")
    assert not Ticket.objects.exists()
    page.goto(f"{live_server.url}{link_in(letters())}")
    page.click("main button.btn--primary")
    expect(page.locator("#number")).to_have_text(pretty(Ticket.objects.get().number))


def test_the_status_without_javascript(browser, live_server: LiveServer, letters):
    visitors.visitor().post(visitors.FORM, visitors.form())
    page = opened(browser, javascript=False)
    page.goto(f"{live_server.url}/status/")
    page.fill("#number", pretty(Ticket.objects.get().number))
    page.fill("#email", MALLORY)
    page.click("main button.btn--primary")
    page.fill("#code", code_in(letters()))
    page.click("main button.btn--primary")
    page.fill("#text", "It is worse now")
    page.click("main button.btn--primary")
    expect(page.locator(".pmsg").last).to_contain_text("It is worse now")
    assert Message.objects.filter(text="It is worse now", level=2).exists()


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
def test_the_pages_are_for_everybody(browser, live_server: LiveServer, letters, views, language):
    visitors.visitor().post(visitors.FORM, visitors.form())
    page = opened(browser, language=language)
    page.goto(f"{live_server.url}/request/")
    page.click("main button.btn--primary")
    page.wait_for_selector(".error-sum")
    looks(page, views(390, "dark"), "form with errors")
    page.goto(f"{live_server.url}/status/")
    page.fill("#number", "HD-123-456-780")
    page.click("main button.btn--primary")
    page.wait_for_selector(".error-sum")
    looks(page, views(1440, "dark"), "status with errors")
    page.fill("#number", pretty(Ticket.objects.get().number))
    page.fill("#email", MALLORY)
    page.click("main button.btn--primary")
    page.wait_for_selector("#code")
    looks(page, views(390, "light"), "code")
    page.fill("#code", code_in(letters()))
    page.click("main button.btn--primary")
    page.wait_for_selector(".pmsg")
    looks(page, views(1440, "dark"), "ticket")


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
def test_the_pages_after_sending_are_for_everybody(browser, live_server: LiveServer, letters, views, language):
    page = opened(browser, language=language)
    page.goto(f"{live_server.url}/request/")
    fill(page)
    page.click("main button.btn--primary")
    page.wait_for_selector("#number")
    looks(page, views(390, "dark"), "sent")
    plain = opened(browser, language=language, javascript=False)
    plain.goto(f"{live_server.url}/request/")
    fill(plain)
    plain.set_input_files("#files", {"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG"})
    while not plain.url.endswith("/request/sent/"):  # told to be too fast, everything is kept
        plain.click("main button.btn--primary")
    page.goto(f"{live_server.url}{link_in(letters())}")
    looks(page, views(390, "light"), "link")
