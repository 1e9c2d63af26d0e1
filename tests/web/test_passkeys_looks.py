"""Second factors for people with other eyes and hands, in both realms."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from customers.models import Contact, ContactRole
from tests.cast import ANNA, NOW
from tests.passkeys import with_authenticator
from tests.web.conftest import PASSWORD, sign_in_with
from tests.web.looking import looks
from users.models import Passkey, RecoveryCode, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_passkey(email: str, *, name: str, number: bytes) -> Passkey:
    user = User.objects.get(email=email)
    return Passkey.objects.create(user=user, name=name, credential_id=number, public_key=b"2", sign_count=0)


def goes_through(page: Page, factors: str, views) -> None:
    """Every page of somebody's factors, each behind its own proof; one word is as long as it may be."""
    page.goto(factors)
    looks(page, views(390, "dark"), f"{factors} with none")
    page.goto(f"{factors}passkey/")
    page.fill("#password", "wrong")
    page.press("#password", "Enter")
    page.wait_for_selector("#password-e")
    looks(page, views(390, "light"), f"{factors} proof with an error")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.fill("#name", "Ж" * 64)
    looks(page, views(1440, "dark"), f"{factors} a new passkey")
    page.press("#name", "Enter")
    page.wait_for_selector(".sessions")
    looks(page, views(390, "light"), f"{factors} with one")
    page.goto(f"{factors}app/")
    looks(page, views(390, "dark"), f"{factors} proof by passkey")
    page.click("[data-passkey]")
    page.wait_for_selector(".enrol")
    looks(page, views(390, "light"), f"{factors} a code app")


def makes_codes(page: Page, factors: str, views) -> None:
    page.goto(f"{factors}codes/")
    page.click("[data-passkey]")
    page.wait_for_selector("text=Создать десять кодов")
    looks(page, views(390, "dark"), f"{factors} before codes are made")
    page.click("text=Создать десять кодов")
    page.wait_for_selector(".codes")
    looks(page, views(390, "light"), f"{factors} codes")
    RecoveryCode.objects.filter(pk__in=RecoveryCode.objects.values("pk")[:8]).update(used_at=NOW)
    page.goto(factors)
    looks(page, views(1440, "dark"), f"{factors} with few codes left")


def test_factors_of_a_colleague(page, live_server: LiveServer, views, settings, agent_actor):
    settings.SITE_URL = live_server.url
    with_authenticator(page)
    sign_in_with(page, live_server.url, "agent1")
    goes_through(page, f"{live_server.url}/desk/me/factors/", views)
    makes_codes(page, f"{live_server.url}/desk/me/factors/", views)
    passkey = a_passkey("agent1@staff.example", name="Second", number=b"1")
    page.goto(f"{live_server.url}/desk/me/factors/passkey/{passkey.pk}/removal/")
    page.click("[data-passkey]")
    page.wait_for_selector(".btn--danger")
    looks(page, views(390, "dark"), "removing a passkey")


def test_factors_of_a_customer(page, live_server: LiveServer, views, settings):
    settings.SITE_URL = live_server.url
    with_authenticator(page)
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=contact.points.first().account, contact=contact, role="owner")
    page.goto(f"{live_server.url}/panel/login/")
    page.fill("#login", ANNA)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector(".site__nav")
    goes_through(page, f"{live_server.url}/panel/me/factors/", views)
    makes_codes(page, f"{live_server.url}/panel/me/factors/", views)
    page.goto(f"{live_server.url}/panel/me/factors/door/")
    page.click("[data-passkey]")
    page.wait_for_selector("[name=shows_factor]")
    looks(page, views(390, "light"), "asked at the door")
    page.goto(f"{live_server.url}/panel/me/")
    looks(page, views(390, "dark"), "about you")


def test_the_door_for_a_passkey(page, live_server: LiveServer, views, settings, agent_actor):
    settings.SITE_URL, settings.DEMO = live_server.url, False
    a_passkey("agent1@staff.example", name="Key", number=b"1")
    page.goto(f"{live_server.url}/desk/login/")
    page.fill("#login", "agent1")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("[data-passkey]:visible")
    RecoveryCode.objects.create(user=User.objects.get(login="agent1"), digest="1", made_at=NOW)
    page.reload()
    page.click(".disc summary")
    page.fill("#recovery", "AAAA")
    page.press("#recovery", "Enter")
    page.wait_for_selector("#recovery-e")
    looks(page, views(390, "light"), "the door for a passkey, with a wrong recovery code")
