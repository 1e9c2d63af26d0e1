"""Mallory at the doors: he guesses, and he sends what no form of ours sends."""

from datetime import timedelta
from unicodedata import lookup

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.panel import conftest as panel
from tests.panel.conftest import PASSWORD
from tests.tickets.trust import the_ticket
from tests.web.conftest import person, signed_in

_desk, account, client = panel._desk, panel.account, panel.client
pytestmark = pytest.mark.django_db

WRONG = "not-the-password"


@pytest.fixture
def smith() -> str:
    person("smith", "agent", "first-line")
    return "smith"


def _tries(door: Client, name: str, password: str = WRONG) -> int:
    return door.post("/desk/login/", {"login": name, "password": password}).status_code


@pytest.mark.parametrize(
    "written",
    [
        ["smith", "Smith", "sMith", "smIth", "smiTh", "smitH"],
        [f"smith{' ' * spaces}" for spaces in range(6)],
        ["smith" + " " * 300] * 6,
        [lookup("LATIN SMALL LETTER LONG S") + "mith", "sm" + lookup("LATIN SMALL LETTER DOTLESS I") + "th"] * 3,
    ],
    ids=["letter by letter", "with spaces", "too long to be counted", "by letters that look the same to the table"],
)
def test_another_writing_of_a_name_is_no_other_name(smith, written):
    door = Client()
    assert [_tries(door, name) for name in written] == [400] * 4 + [429] * 2
    assert _tries(door, smith, PASSWORD) == 429


def test_one_ipv6_network_is_one_guesser(smith):
    seen = [_tries(Client(REMOTE_ADDR=f"2001:db8:0:7::{host:x}"), smith) for host in range(1, 6)]
    assert seen == [400] * 4 + [429]
    assert _tries(Client(REMOTE_ADDR="2001:db8:0:7:ffff::1"), smith, PASSWORD) == 429
    assert _tries(Client(REMOTE_ADDR="2001:db8:0:8::1"), smith, PASSWORD) == 302


@pytest.mark.parametrize("door", ["/desk/login/", "/panel/login/"])
@pytest.mark.parametrize("field", ["login", "password", "next", "nonsense"])
def test_a_character_that_is_none_is_a_wrong_password_and_counts(account, door, field):
    guesser, typed = Client(), {"login": "annahost", "password": WRONG}
    odd = {**typed, field: typed.get(field, "") + "\x00"}
    assert [guesser.post(door, odd).status_code for _ in range(5)] == [400] * 4 + [429]


@pytest.mark.parametrize("target", ["nowhere", "a\x00b", "desk:queue", "..", "?x", "http://testserver/desk/"])
def test_who_is_signed_in_is_sent_to_a_path_of_ours_or_home(target):
    agent = signed_in(person("agent1", "agent", "first-line"))
    assert agent.get("/desk/login/", {"next": target}).url == "/desk/"
    assert agent.post("/theme/", {"theme": "dark", "next": target}).url == "/"


def test_a_character_that_stands_in_no_text_is_told_and_is_no_fault_of_ours():
    lead = signed_in(person("lead1", "lead", "first-line"))
    for answer in (
        lead.get("/desk/merging/", {"ticket": "a\x00b"}),
        lead.post("/desk/tickets/new/draft", {"version": "0", "text": "x", "kind": "a\x00b"}),
    ):
        assert (answer.status_code, "cannot be stored" in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("odd", ["9" * 5000, "9" * 30, "²", "-1"])
def test_a_number_that_is_none_of_ours_is_nobodys(client, odd):
    assert client.get("/panel/", {"before": odd}).status_code == 200
    ticket = the_ticket()
    agent = signed_in(person("agent1", "agent", "first-line"))
    answer = agent.post(f"/desk/tickets/{ticket.number}/trust/call-back", {"phone": odd})
    assert answer.status_code == 409


@pytest.mark.parametrize("realm", ["desk", "panel"])
def test_a_stolen_session_is_not_kept_alive_by_using_it(client, realm):
    if realm == "desk":
        client = signed_in(person("agent1", "agent", "first-line"))
    ends = client.session.get_expiry_date()
    used = client.session
    used["used"] = True
    used.save()
    assert client.session.get_expiry_date(modification=ends - timedelta(minutes=1)) == ends
    assert Session.objects.get(pk=used.session_key).expire_date == ends
