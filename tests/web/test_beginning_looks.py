"""A new password and the first code of an app, typed by people: behind an invitation, and by who begins anew."""

from base64 import b32decode

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from customers.models import Contact, ContactRole
from customers.services.signing_in import end_all, link_to_begin
from staff.services import people
from tests import cast
from tests.cast import ANNA
from tests.web.conftest import PASSWORD
from tests.web.looking import looks
from users.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_demo(settings, live_server: LiveServer) -> None:
    settings.DEMO, settings.SITE_URL = False, live_server.url


def goes_through(page: Page, link: str, views, name: str) -> None:
    page.goto(link)
    looks(page, views(390, "dark"), name)
    page.fill("#password", PASSWORD)
    page.fill("#otp", "000000")
    page.press("#otp", "Enter")
    page.wait_for_selector("[aria-invalid]")
    looks(page, views(1440, "light"), f"{name} with an error")
    key = "".join(page.text_content(".hint code").split())
    page.fill("#password", PASSWORD)
    page.fill("#otp", f"{totp(b32decode(key)):06d}")
    page.press("#otp", "Enter")
    page.wait_for_selector("#login")
    page.goto(link)
    looks(page, views(390, "light"), f"{name}, used")


def test_an_invitation(page, views, agent_actor):
    user = cast.person("newcomer", "agent", "first-line").user
    goes_through(page, people.invitation_link(user), views, "invitation")
    assert TOTPDevice.objects.filter(user=user).exists()


def test_beginning_anew(page, views):
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=contact.points.first().account, contact=contact, role="owner")
    end_all(contact.user)
    goes_through(page, link_to_begin(contact.user), views, "beginning anew")
    assert TOTPDevice.objects.filter(user=contact.user).exists()
