"""What any form of the panel or the set-up is sent, it says what is wrong. With `--full` for minutes."""

import random
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from customers.models import Contact, ContactRole
from tests.attacks.test_addresses import PASSWORD, customer
from tests.cast import ANNA
from tests.web.conftest import person, signed_in
from tickets.models import Ticket
from users.models import User

ODD = ["", " ", "\0", "a\0b", "9" * 400, "-1", "1e999", "NaN", "٣", "2026-02-30", "9999-12-31T23:59", "0001-01-01",
       "x" * 9_000, "\u202e", "🦄" * 300, "a@b", "%s %(x)s {x}", "\ud7ff\ufffe", "on", "[]", '{"a": 1}', "../..",
       "Xx:Yy",
       "00000000-0000-4000-8000-000000000000", "2147483648", "9223372036854775808", "+7 495 123-45-67",
       "#######"]  # fmt: skip


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and their fields with the values they have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]).partition("#")[0])
        elif tag == "form":
            self.is_open = (told.get("method") or "").lower() == "post"
            if self.is_open:
                self.found.append((told.get("action") or "", {}))
        elif self.is_open and told.get("name"):
            self.found[-1][1].setdefault(str(told["name"]), told.get("value") or "")
        if self.is_open and tag in ("button", "input") and told.get("formaction"):
            self.found.append((str(told["formaction"]), dict(self.found[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False


MOST_PAGES = 50
SPARED = ("logout", "sessions/end", "login")  # whoever ends his own session sees no more forms


def fuzz(client: Client, start: str, *, times: int) -> list[str]:
    """Walks the links below `start` and sends each form that is met there. What was answered as a fault."""
    dice, client.raise_request_exception, faults = random.Random(start), False, []
    todo, walked, posted = [start], {start}, set()
    while todo:
        address = todo.pop(0)
        page = client.get(address)
        if page.status_code >= 500:
            faults.append(f"GET {address}")
        if page.status_code != 200 or page.streaming or "html" not in page["Content-Type"]:
            continue
        read = Forms()
        read.feed(page.content.decode())
        for link in read.links:
            if link.startswith(start) and link not in walked and len(walked) < MOST_PAGES:
                walked.add(link)
                todo.append(link)
        for action, fields in read.found:
            target = (action or address).partition("#")[0]
            if (target, *fields) in posted or any(each in target for each in SPARED) or not target.startswith("/"):
                continue
            posted.add((target, *fields))
            for _ in range(times):
                sent = odd(dice, fields)
                if client.post(target, sent).status_code >= 500:
                    faults.append(f"POST {target} { ({name: str(value)[:40] for name, value in sent.items()}) }")
    assert len(posted) > 5, posted
    return faults


def odd(dice: random.Random, fields: dict[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = dict(fields)
    for name in dice.sample(list(fields), k=dice.randint(0, min(3, len(fields)))):
        sent[name] = dice.choice([dice.choice(ODD), [dice.choice(ODD), dice.choice(ODD)]])
    if sent and dice.random() < 0.2:
        sent.pop(dice.choice(list(sent)))
    return sent


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    return 20 if request.config.getoption("--full") else 1


def test_no_form_of_the_set_up_breaks(world, times):
    assert fuzz(signed_in(person("root", "admin")), "/setup/", times=times) == []


def test_no_form_of_the_panel_breaks(world, times):
    Ticket.objects.update(kind="incident")
    owner = Contact.objects.get(given_name="Анна")
    owner.user = User.objects.create_user(ANNA, PASSWORD)
    owner.save()
    ContactRole.objects.create(account_id=world.account_id, contact=owner, role="owner")
    assert fuzz(customer(ANNA), "/panel/", times=times) == []
