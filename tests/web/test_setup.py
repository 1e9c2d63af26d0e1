"""Setting the desk up: for administrators and nobody else."""

import pytest
from django.urls import get_resolver

from tests.web.conftest import PASSWORD, person, shows, signed_in
from tests.web.walking import addresses


def test_an_administrator_begins_at_the_set_up_and_finds_it_from_the_desk(client):
    email = person("admin", "admin")
    answer = client.post("/desk/login/", {"login": email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/setup/", 302)]
    shows(answer, "Обзор")
    shows(client.get("/desk/"), 'href="/setup/"')


@pytest.mark.parametrize("role", ["agent", "lead", "quality"])
def test_nobody_else_opens_any_page_of_it(role):
    client = signed_in(person("somebody", role, "first-line"))
    read_by_leads = {"/setup/mail/"} if role == "lead" else set()
    found = {address for address in addresses(get_resolver()) if address.startswith("/setup/")} - read_by_leads
    assert "/setup/" in found
    for address in found:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (403, 405), address
    assert "/setup/" not in client.get("/desk/").content.decode()


def test_who_is_not_signed_in_is_sent_to_the_door(client):
    assert client.get("/setup/").headers["Location"].startswith("/desk/login/?next=/setup/")
