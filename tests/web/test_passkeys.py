"""Passkeys in a real browser with a virtual authenticator, in both realms, and without a script."""

from datetime import timedelta

import pytest
from django.db.models import F
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assurance.models import AccountLetter, CriticalAction
from core.clock import now as read_clock
from core.models import LimitCount
from customers.models import Contact, ContactRole
from events import worker
from events.models import Event
from tests.cast import ANNA, NOW, letter, origin, person, vouched
from tests.passkeys import with_authenticator
from tests.tickets.trust import an_agent
from tests.web.conftest import PASSWORD
from tickets.models import Ticket
from tickets.services.critical import acting
from tickets.services.intake import receive
from users.models import Passkey, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: LiveServer, settings) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def page(browser: Browser) -> Page:
    page = browser.new_page(locale="en-GB")
    with_authenticator(page)
    return page


@pytest.fixture
def anna() -> User:
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=contact.points.first().account, contact=contact, role="owner")
    return contact.user


def enters(page: Page, address: str, email: str) -> None:
    page.goto(address)
    page.fill("#login", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_load_state("load")


def adds_a_passkey(page: Page, site: str, realm: str, *, name: str) -> None:
    page.goto(f"{site}/{realm}/me/factors/passkey/")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.fill("#name", name)
    page.click("[data-passkey='make']")
    expect(page.get_by_text("The passkey is yours")).to_be_visible()


def test_a_colleague_adds_a_passkey_and_opens_the_desk_with_it(page, site, settings):
    email = person("agent1", "agent", "first-line").user.email
    enters(page, f"{site}/desk/login/", email)
    adds_a_passkey(page, site, "desk", name="Blue laptop")
    expect(page.locator(".sessions")).to_contain_text("Blue laptop")
    assert Event.objects.get(type="FactorChanged").payload.data["what"] == "passkey_added"

    settings.DEMO = False
    page.context.clear_cookies()
    enters(page, f"{site}/desk/login/", email)
    assert page.url == f"{site}/desk/login/code/"
    page.click("[data-passkey='sign']")
    page.wait_for_selector("#list")
    passkey = Passkey.objects.get()
    assert passkey.last_used_at is not None
    assert passkey.sign_count > 0


def test_a_lead_takes_evidence_away_with_a_passkey_for_the_very_form(page, site):
    email = person("lead", "lead", "first-line").user.email
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    enters(page, f"{site}/desk/login/", email)
    adds_a_passkey(page, site, "desk", name="Key")
    page.goto(f"{site}/desk/tickets/{Ticket.objects.get().number}/evidence/")
    page.fill("#reason", "A dispute")
    with page.expect_download() as file:
        page.click("[data-passkey='sign']")
    assert file.value.suggested_filename.endswith(".zip")


def test_a_customer_decides_with_a_passkey_that_is_three_days_old(page, site, anna):
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    ticket = Ticket.objects.get()
    given = {"new_email": "new@hosting-client.example"}
    action = acting.request(ticket.number, "change_administrative_email", given, by=an_agent(), now=read_clock())
    enters(page, f"{site}/panel/login/", ANNA)
    adds_a_passkey(page, site, "panel", name="Telephone")
    expect(page.locator(".sessions")).to_contain_text("Counts in full from")

    page.goto(f"{site}/panel/decisions/{action.public_id}/")
    page.get_by_role("button", name="confirm").click()
    expect(page.get_by_text("Your second factor is new")).to_be_visible()

    Passkey.objects.update(created_at=F("created_at") - timedelta(hours=73))
    page.goto(f"{site}/panel/decisions/{action.public_id}/")
    page.get_by_role("button", name="confirm").click()
    page.click("[data-passkey='sign']")
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_text("Confirmed, we carry it out")).to_be_visible()
    assert CriticalAction.objects.get().proof_level == 5


def test_a_removed_passkey_opens_nothing_and_its_owner_hears_of_both(page, site, anna):
    enters(page, f"{site}/panel/login/", ANNA)
    adds_a_passkey(page, site, "panel", name="Telephone")
    TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    page.goto(f"{site}/panel/me/factors/")
    page.get_by_role("link", name="Remove Telephone").click()
    page.click("[data-passkey='sign']")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed: it opens nothing any more.")).to_be_visible()
    assert not Passkey.objects.exists()
    worker.drain()
    assert AccountLetter.objects.filter(email=ANNA).count() == 2


def test_without_a_script_no_passkey_is_offered_and_the_app_remains(browser, site, settings):
    settings.DEMO = False
    email = person("agent1", "agent", "first-line").user.email
    user = User.objects.get(email=email)
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    Passkey.objects.create(user=user, name="Key", credential_id=b"1", public_key=b"2", sign_count=0)
    page = browser.new_context(locale="en-GB", java_script_enabled=False).new_page()
    enters(page, f"{site}/desk/login/", email)
    expect(page.locator("#otp")).to_be_visible()
    expect(page.locator("[data-passkey]")).to_be_hidden()


def test_a_passkey_is_offered_only_at_the_address_the_desk_is_known_by(page, site, settings):
    email = person("agent1", "agent", "first-line").user.email
    enters(page, f"{site}/desk/login/", email)
    settings.SITE_URL = "https://desk.example"
    page.goto(f"{site}/desk/me/factors/passkey/")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("[data-passkey]")).to_be_hidden()
    expect(page.locator("[data-no-passkey]")).to_contain_text("https://desk.example")


def test_a_customer_who_chose_so_enters_with_password_and_passkey(page, site, anna):
    enters(page, f"{site}/panel/login/", ANNA)
    adds_a_passkey(page, site, "panel", name="Telephone")
    page.get_by_role("link", name="Change it").click()
    page.click("[data-passkey='sign']")
    page.get_by_role("button", name="Ask at each sign-in").click()
    expect(page.get_by_text("You are asked at every sign-in now.")).to_be_visible()

    page.context.clear_cookies()
    enters(page, f"{site}/panel/login/", ANNA)
    page.goto(f"{site}/panel/me/")
    assert "/panel/login/" in page.url, "the password alone opens nothing"
    enters(page, f"{site}/panel/login/", ANNA)
    page.click("[data-passkey='sign']")
    page.wait_for_url(f"{site}/panel/")
    page.goto(f"{site}/panel/me/")
    expect(page.get_by_role("heading", name="What is kept about you")).to_be_visible()


def test_codes_are_shown_once_to_copy_and_take_away_and_open_the_door(page, site, settings):
    email = person("agent1", "agent", "first-line").user.email
    enters(page, f"{site}/desk/login/", email)
    adds_a_passkey(page, site, "desk", name="Key")
    page.get_by_role("link", name="Make ten codes").click()
    page.click("[data-passkey='sign']")
    page.get_by_role("button", name="Make ten codes").click()
    page.wait_for_selector(".codes")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as file:
        page.get_by_role("link", name="Download").click()
    assert file.value.suggested_filename == "recovery-codes.txt"
    assert file.value.path().read_text().split()[-10:] == codes
    assert page.get_by_role("button", name="Copy").get_attribute("data-copy").split()[-10:] == codes
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("10 codes are left.")).to_be_visible()
    assert codes[0] not in page.content()

    settings.DEMO = False
    for each in range(8):
        page.context.clear_cookies()
        if each == 4:
            LimitCount.objects.all().delete()  # as if a quarter of an hour had passed
        enters(page, f"{site}/desk/login/", email)
        page.get_by_text("I have none of them here").click()
        page.fill("#recovery", codes[each])
        page.press("#recovery", "Enter")
        page.wait_for_selector("#list")
    expect(page.get_by_text("2 recovery codes are left. Make new ones at Second factor.")).to_be_visible()
    page.goto(f"{site}/desk/me/")
    expect(page.get_by_text("Only 2 recovery codes are left.")).to_be_visible()
