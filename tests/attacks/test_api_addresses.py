"""Every address and verb of the API, by whoever may not. New ones are walked, too."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from api.pages import _cursor
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole, Service
from tests.api.conftest import CLAIMS, Caller, caller
from tests.attacks.conftest import MARK
from tests.attacks.test_addresses import customer, filled, rows, shown, things, walked
from tests.cast import ANNA, BORIS, NOW
from tests.web.conftest import PASSWORD, person, signed_in
from tickets.models import Promise, Ticket
from users.api_tokens import Scope
from users.models import ApiToken, User

VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")

# What each address answers to, and the scope that it takes. What is not here has to be refused to everybody.
NEEDED = {
    ("accounts", "get"): Scope.ACCOUNTS_READ,
    ("account", "get"): Scope.ACCOUNTS_READ,
    ("account", "put"): Scope.ACCOUNTS_WRITE,
    ("contacts", "get"): Scope.ACCOUNTS_READ,
    ("contact", "get"): Scope.ACCOUNTS_READ,
    ("contact", "put"): Scope.ACCOUNTS_WRITE,
    ("services", "get"): Scope.ACCOUNTS_READ,
    ("service", "get"): Scope.ACCOUNTS_READ,
    ("service", "put"): Scope.ACCOUNTS_WRITE,
    ("tickets", "get"): Scope.TICKETS_READ,
    ("tickets", "post"): Scope.TICKETS_WRITE,
    ("ticket", "get"): Scope.TICKETS_READ,
    ("messages", "get"): Scope.TICKETS_READ,
    ("messages", "post"): Scope.TICKETS_WRITE,
    ("closing", "post"): Scope.TICKETS_WRITE,
    ("reopening", "post"): Scope.TICKETS_WRITE,
    ("evidence", "get"): Scope.EVIDENCE_READ,
    ("actions", "get"): Scope.ACTIONS_READ,
}
NEEDED |= {(name, "head"): scope for (name, verb), scope in NEEDED.items() if verb == "get"}
OPEN = {"schema", "docs", "attachment", "too_large", "nowhere"}  # of these the file alone holds something, by its link


@pytest.fixture
def ours(world: Ticket) -> Ticket:
    """Anna's, with everything a ticket can have, under the names of the provider's own system; and Boris beside her."""
    cache.clear()
    Ticket.objects.update(kind="incident")
    Account.objects.filter(pk=world.account_id).update(external_id="a-1")
    owner = Contact.objects.get(given_name="Анна")
    Contact.objects.filter(pk=owner.pk).update(external_id="c-anna")
    Service.objects.update(external_id="s-1")
    ContactRole.objects.create(account_id=world.account_id, contact=owner, role="owner")
    boris = Contact.objects.create(given_name="Boris", external_id="c-boris")
    account = Account.objects.create(kind="person", name="Boris", login="boris", external_id="a-boris")
    ContactRole.objects.create(account=account, contact=boris, role="owner")
    ContactPoint.objects.create(account=account, contact=boris, kind="email", value=BORIS, on_file_since=NOW)
    return Ticket.objects.get(pk=world.pk)


def addresses(ticket: Ticket) -> list[tuple[str, str]]:
    stands = things(ticket)
    stands |= {"attachments": stands["files"], "tickets": ticket.public_id}
    stands |= {"accounts": "a-1", "contacts": "c-anna", "services": "s-1"}
    return [(name.removeprefix("api:"), filled(path, stands)) for name, path in walked("/api/")]


BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("account", "put"): {"kind": "person", "name": "Anna"},
    ("contact", "put"): {"given_name": "Анна", "roles": [{"account": "a-1", "role": "owner"}], "emails": [ANNA]},
    ("service", "put"): {"account": "a-1", "kind": "hosting", "name": "web"},
    ("tickets", "post"): {"subject": "x", "text": "x"},
    ("messages", "post"): {"text": "x"},
}


def on_file() -> list[list[Any]]:
    return [list(kind.objects.order_by("pk").values_list()) for kind in (Account, Contact, ContactPoint, Service)]


def everything(ticket: Ticket) -> list[Any]:
    return [rows(ticket), Ticket.objects.count(), on_file()]


def asked(client: Client, verb: str, address: str, name: str, *, contact: str, **headers: str) -> Any:
    body = dict(BODIES.get((name, verb), {}))
    if verb == "post":
        body |= {"contact": contact, "claims": CLAIMS}
        if name == "closing":
            body["waived"] = [str(promise) for promise in Promise.objects.values_list("public_id", flat=True)]
    more = {} if verb in ("get", "head") else {"data": body, "content_type": "application/json"}
    if verb == "trace":
        more = {}
    return getattr(client, verb)(address, headers={"idempotency-key": uuid4().hex} | headers, **more)


def revoked() -> Client:
    found = caller()
    ApiToken.objects.update(revoked_at=NOW)
    return bearing(found)


def expired() -> Client:
    found = caller()
    ApiToken.objects.update(expires_at=read_clock() - timedelta(seconds=1))
    return bearing(found)


def bearing(program: Caller) -> Client:
    return Client(headers={"authorization": f"Bearer {program.secret}"})


def of_the_desk() -> Client:
    return signed_in(person("boss", "lead", "admin"))


def of_the_panel() -> Client:
    Contact.objects.filter(external_id="c-anna").update(user=User.objects.create_user(ANNA, PASSWORD))
    return customer(ANNA)


NOBODY = {
    "no_token": Client,
    "guessed": lambda: Client(headers={"authorization": f"Bearer hd_{'x' * 43}"}),
    "revoked": revoked,
    "expired": expired,
    "desk": of_the_desk,
    "panel": of_the_panel,
}


@pytest.mark.parametrize("who", NOBODY)
def test_nothing_is_read_or_changed_without_a_token_that_opens(ours, who):
    client, was = NOBODY[who](), everything(ours)
    for name, address in addresses(ours):
        for verb in VERBS:
            for contact in ("", "?contact=c-anna"):
                answer = asked(client, verb, address + contact, name, contact="c-anna")
                assert MARK not in shown(answer), (verb, name)
                if name not in OPEN:
                    assert answer.status_code in (401, 405), (verb, name, answer.status_code)
    assert everything(ours) == was


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_alone_opens_its_own_addresses_and_verbs(ours, scope):
    client, opened = bearing(caller(scope)), set()
    for name, address in addresses(ours):
        for verb in VERBS if name not in OPEN else ():
            was = everything(ours)
            needs_contact = "?contact=c-anna" if name == "actions" else ""
            answer = asked(client, verb, address + needs_contact, name, contact="c-anna")
            if answer.status_code in (403, 405):
                assert MARK not in shown(answer), (verb, name)
                assert everything(ours) == was, (verb, name)
            else:
                assert answer.status_code < 400, (verb, name, answer.content)
                opened.add((name, verb))
    assert opened == {place for place, needed in NEEDED.items() if needed == scope}


def test_what_is_on_the_list_is_all_there_is(ours):
    """An address that is new stands in the table with its scope, or among those that hold nothing."""
    assert {name for name, _ in addresses(ours)} == {name for name, _ in NEEDED} | OPEN


def found_as(contact: str, places: Iterable[tuple[str, str]]) -> set[str]:
    """Where something of the ticket was read in the name of this contact, by every way that leads to rows."""
    client, found = bearing(caller()), set()
    newest = _cursor(Ticket.objects.order_by("-id")[0].pk + 1)
    ways = ("", "&account=a-1", f"&cursor={newest}", f"&account=a-1&cursor={newest}&limit=100")
    for name, address in places:
        if name in ("accounts", "account", "contacts", "contact", "services", "service"):
            continue  # a program's own, in nobody's name
        for way in ways:
            if MARK in shown(asked(client, "get", f"{address}?contact={contact}{way}", name, contact=contact)):
                found.add(f"GET {name}")
        for verb in VERBS[2:]:
            answer = asked(client, verb, address, name, contact=contact)
            if MARK in shown(answer):
                found.add(f"{verb.upper()} {name}")
    return found


def test_in_the_name_of_another_account_nothing_is_read_or_changed(ours):
    was, places = (rows(ours), on_file()), addresses(ours)
    assert found_as("c-boris", places) == set()
    assert found_as("a-1", places) == found_as(str(ours.public_id), places) == set()  # other ids are no contacts
    assert (rows(ours), on_file()) == was


def test_in_her_own_name_it_is_read_there(ours):
    """The walk would find what there is to be found."""
    found = found_as("c-anna", addresses(ours))
    assert {"GET tickets", "GET ticket", "GET messages", "GET actions", "POST closing", "POST reopening"} <= found


@pytest.mark.parametrize("hidden", [{"kind": "restricted"}, {"is_spam": True}], ids=["restricted", "spam"])
def test_what_exists_for_no_program_is_found_by_none(ours, hidden):
    Ticket.objects.update(**hidden)
    was, client = rows(ours), bearing(caller())
    for name, address in addresses(ours):
        for verb in VERBS:
            for contact in ("", "?contact=c-anna"):
                if name != "actions":  # of her account: hers to read, wherever it was asked
                    answer = asked(client, verb, address + contact, name, contact="c-anna")
                    assert MARK not in shown(answer), (verb, name)
    assert rows(ours) == was


def test_a_link_to_a_file_opens_no_other_file_and_by_no_other_program(ours):
    program = caller()
    items = program.get(f"/tickets/{ours.public_id}/messages/").said["items"]
    link = next(file["url"] for item in items for file in item["files"])
    other = caller(Scope.ACCOUNTS_READ)
    stranger = ApiToken.objects.order_by("-id")[0]
    ours_too = ApiToken.objects.order_by("id")[0]
    assert MARK in shown(Client().get(link))
    for changed in (
        link.replace(f"token={ours_too.pk}&", f"token={stranger.pk}&"),
        link.replace(str(things(ours)["files"]), str(things(ours)["uploads"])),
    ):
        assert changed != link
        answer = bearing(other).get(changed)
        assert (answer.status_code, MARK in shown(answer)) == (404, False)


@pytest.mark.parametrize(
    "limit", ["000000001999", "0000001" + "0" * 5000, "101", "0", "-1", "١", ""], ids=lambda v: v[:12]
)
def test_a_page_is_never_longer_than_the_longest(ours, limit):
    answer = bearing(caller()).get("/api/v1/tickets/", {"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_limit")
