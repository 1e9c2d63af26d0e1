"""Taking customers out: for a reason, with a fresh code, as a file no spreadsheet calculates."""

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from customers.models import Account
from events.models import Event
from tests import cast
from tests.web.conftest import PASSWORD, person, shows, signed_in
from users.models import User

ASKED = {"kind": "accounts", "reason": "Letter about prices"}


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_a_file_of_accounts_leaves_and_is_journalled(admin):
    Account.objects.update(name="=HYPERLINK(1)")
    answer = admin.post("/setup/export/files", ASKED)
    assert answer["Content-Disposition"].startswith('attachment; filename="accounts-')
    header, row = rows(answer)
    assert header[:3] == ["login", "contract", "tax_number"]
    assert row[:2] == ["annahost", "H-100001"]
    assert "'=HYPERLINK(1)" in row
    assert Event.objects.get(type="CustomersExported").actor.startswith("staff:")


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"reason": "  "}, "Say what the file is for."), ({"kind": "passwords"}, "Choose what the file is to hold.")],
    ids=["without a reason", "of nothing we have"],
)
def test_nothing_leaves(admin, changed, told):
    answer = admin.post("/setup/export/files", ASKED | changed)
    assert answer.status_code == 409
    shows(answer, told)
    assert not Event.objects.filter(type="CustomersExported").exists()


def test_who_has_a_second_factor_shows_it_anew_and_each_code_once(admin):
    device = TOTPDevice.objects.create(user=User.objects.get(login="admin"), name="phone", confirmed=True)
    shows(admin.get("/setup/export/"), "Code of your second factor")
    refused = admin.post("/setup/export/files", ASKED | {"code": "000000"})
    assert refused.status_code == 409
    shows(refused, "The code is wrong, or came too soon after a wrong one.", "Letter about prices")
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    code = f"{totp(device.bin_key):06}"
    assert admin.post("/setup/export/files", ASKED | {"code": code}).status_code == 200
    assert admin.post("/setup/export/files", ASKED | {"code": code}).status_code == 409


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_is_for_everybody(browser: Browser, live_server: LiveServer, width: int, language: str):
    cast.person("admin", "admin")
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    page = context.new_page()
    page.goto(f"{live_server.url}/desk/login/?next=/setup/export/")
    page.fill("#login", "admin")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("#reason")
    page.click("form[action$='export/files'] button")
    page.wait_for_selector(".field--error")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#reason", "Letter")
    with page.expect_download() as download:
        page.click("form[action$='export/files'] button")
    assert download.value.suggested_filename.startswith("accounts-")
