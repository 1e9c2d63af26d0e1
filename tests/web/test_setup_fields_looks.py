"""Fields for people with other eyes and hands."""

import pytest

from tests import cast
from tests.web.conftest import sign_in_with
from tests.web.looking import looks
from tickets.models import CustomField

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OS = [{"id": str(n), "name_ru": "Ж" * 60, "name_en": f"{n}" * 60, "is_offered": n == 1} for n in (1, 2)]


def test_the_pages_where_fields_are_made(admin_page, live_server, views):
    field = CustomField.objects.create(name_ru="ОС", name_en="W" * 60, kind="choice", choices=OS, is_required=True)
    admin_page.goto(f"{live_server.url}/setup/fields/new/")
    admin_page.press("#name_ru", "Enter")
    admin_page.wait_for_selector(".error-sum")
    looks(admin_page, views(390, "dark"), "a field with an error")
    admin_page.goto(f"{live_server.url}/setup/fields/{field.pk}/")
    looks(admin_page, views(390, "light"), "a field with choices")


def test_fields_on_the_page_of_a_ticket(page, live_server, ticket, views):
    cast.person("agent1", "agent", "first-line")
    for kind in ("text", "number", "date", "choice", "yes_no"):
        choices = OS if kind == "choice" else []
        CustomField.objects.create(name_ru="П", name_en=f"F {kind}", kind=kind, choices=choices, is_required=True)
    number = CustomField.objects.get(kind="number").pk
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/tickets/{ticket.number}/")
    page.click(f"#context details:has(#f-{number}) > summary.muted")
    page.fill(f"#f-{number}", "eighty")
    page.press(f"#f-{number}", "Enter")
    page.wait_for_selector(f"#f-{number}-e")
    looks(page, views(1440, "dark"), "fields with an error")
    page.fill(f"#f-{number}", "80")
    page.press(f"#f-{number}", "Enter")
    page.wait_for_selector(".reqlist .is-met dd:has-text('80')")
    looks(page, views(390, "light"), "fields")
