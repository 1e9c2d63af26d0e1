"""The list beside a customer's question: what is told already, and what would still help."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from customers.models import Account, Contact, ContactRole
from tests.cast import ANNA
from tests.web.conftest import PASSWORD, enter
from users.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def anna(_desk: None) -> Client:
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=Account.objects.get(), contact=contact, role="owner")
    client = Client(headers={"accept-language": "ru"})
    assert client.post("/panel/login/", {"login": ANNA, "password": PASSWORD}).status_code == 302
    return client


def test_each_thing_that_helps_is_a_way_to_its_field_and_done_once_it_is_told(
    page: Page, live_server: LiveServer, anna: Client
) -> None:
    enter(page, live_server.url, anna)
    page.goto(f"{live_server.url}/panel/tickets/new/")
    rows = page.locator("[data-meter-list] li")
    expect(page.locator("[data-meter-list] .is-done")).to_have_count(0)
    before = rows.count()
    assert "На один просмотр" not in rows.all_inner_texts(), "a secret is asked of nobody"
    rows.first.locator("a").click()
    expect(page.locator("#subject")).to_be_focused()
    page.keyboard.type("Our shop answers 502")
    expect(rows.first).to_have_class("is-done")
    expect(rows.first).to_contain_text("Одной фразой: что нужно?, готово")
    page.check("[name=kind][value=question]")
    assert rows.count() < before, "a plain question is asked for less"
