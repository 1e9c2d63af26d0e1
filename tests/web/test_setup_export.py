"""Taking customers out: for a reason, with a fresh code, as a file no spreadsheet calculates."""

import csv
import io

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.live_server_helper import LiveServer

from customers.models import Account
from events.models import Event
from tests.web.conftest import person, shows, signed_in
from tests.web.looking import looks
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
def test_the_page_is_for_everybody(admin_page, live_server: LiveServer, views):
    admin_page.goto(f"{live_server.url}/setup/export/")
    admin_page.click("form[action$='export/files'] button")
    admin_page.wait_for_selector(".field--error")
    looks(admin_page, views(390, "light"), "export with an error")
    admin_page.fill("#reason", "Letter")
    with admin_page.expect_download() as download:
        admin_page.click("form[action$='export/files'] button")
    assert download.value.suggested_filename.startswith("accounts-")
