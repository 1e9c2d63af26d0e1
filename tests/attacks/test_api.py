"""Mallory at the API: with a token of too small scope, as a customer of another account, with another's link."""

import hashlib
import re
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from api.urls import urlpatterns
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole, Service
from tests.api.conftest import CLAIMS, _desk, asked, caller  # noqa: F401 - the fixture
from tests.cast import BORIS, NOW, letter, origin
from tests.web.conftest import person, signed_in
from tickets.models import Message, Ticket
from tickets.services.intake import receive
from users.api_tokens import Scope
from users.models import ApiToken

OPEN = {"schema", "docs", "nowhere", "attachment", "too_large"}


@pytest.fixture
def panel():
    return caller()


@pytest.fixture
def boris() -> Account:
    account = Account.objects.create(kind="person", name="Boris", login="boris", external_id="a-boris")
    contact = Contact.objects.create(given_name="Boris", external_id="c-boris")
    ContactRole.objects.create(account=account, contact=contact, role="owner")
    ContactPoint.objects.create(account=account, contact=contact, kind="email", value=BORIS, on_file_since=NOW)
    Service.objects.create(account=account, kind="server", name="VPS", external_id="s-boris")
    return account


def address(pattern: URLPattern) -> str:
    path = str(pattern.pattern).replace("<external:external_id>", "a-1")
    return "/" + path.removeprefix("v1/").replace("<uuid:public_id>", str(uuid4()))


@pytest.mark.parametrize("pattern", [p for p in urlpatterns if p.name not in OPEN], ids=lambda p: p.name)
def test_no_address_answers_without_a_token_or_beyond_its_scope(pattern):
    view = pattern.callback.view_class
    for method in ("get", "post", "put", "delete", "patch", "options"):
        bare = getattr(Client(), method)(f"/api/v1{address(pattern)}", headers={"idempotency-key": "k"})
        assert bare.status_code in (401, 405), (method, bare.status_code)
    for method, needed in view.scopes.items():
        others = [scope for scope in Scope if scope != needed]
        answer = caller(*others)(method.lower(), address(pattern), {})
        assert (answer.status_code, answer.said["code"]) == (403, "scope_missing")
        assert needed in answer.said["detail"]


@pytest.mark.parametrize("secret", ["", "hd_", "hd_" + "x" * 43, "x" * 5000, "hd_é", "' OR 1=1 --"])
def test_a_guessed_token_is_refused_alike(secret):
    answer = Client().get("/api/v1/tickets/", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert answer.json()["code"] == ("bad_token" if secret else "no_token")


def test_the_stored_digest_opens_nothing():
    caller()
    digest = ApiToken.objects.get().digest
    assert Client().get("/api/v1/tickets/", headers={"authorization": f"Bearer {digest}"}).status_code == 401


def test_a_session_of_the_desk_opens_nothing_here():
    lead = signed_in(person("lead", "lead"))
    assert lead.get("/api/v1/tickets/").status_code == 401
    assert lead.post("/api/v1/tickets/", asked(), content_type="application/json").status_code == 401


def test_a_token_opens_no_page_of_the_desk():
    secret = caller().secret
    for path in ("/desk/", "/setup/", "/metrics"):
        page = Client(REMOTE_ADDR="203.0.113.5").get(path, headers={"authorization": f"Bearer {secret}"})
        assert page.status_code in (302, 403, 404)


def test_a_customer_gets_nothing_of_another_account_by_id_filter_file_or_body(panel, boris):
    opened = panel.post("/tickets/", asked()).said
    where = f"/tickets/{opened['id']}"
    for path in (f"{where}/", f"{where}/messages/", f"{where}/evidence/"):
        assert panel.get(f"{path}?contact=c-boris").status_code == 404
        assert panel.get(f"{path}?contact=c-anna").status_code == 200
    assert panel.get("/tickets/?contact=c-boris&account=a-1").said["items"] == []
    assert panel.get("/tickets/?contact=c-boris").said["items"] == []
    as_boris = {"contact": "c-boris", "claims": CLAIMS}
    before = Message.objects.count()
    for path, more in (("messages", {"text": "mine now"}), ("closing", {}), ("reopening", {})):
        assert panel.post(f"{where}/{path}/", as_boris | more).status_code == 404
    assert (Message.objects.count(), Ticket.objects.get().status) == (before, "new")


def test_an_account_or_service_of_somebody_else_is_told_apart_from_none_by_nothing(panel, boris):
    told = set()
    for body in (asked(service="s-boris"), asked(service="s-nowhere")):
        answer = panel.post("/tickets/", body)
        told.add((answer.status_code, answer.said["errors"][0]["code"], answer.said["errors"][0]["pointer"]))
    assert told == {(422, "no_such_service", "/service")}
    assert panel.post("/tickets/", asked(account="a-boris")).said["errors"][0]["code"] == "may_not_ask"
    assert panel.post("/tickets/", asked(account="a-1", service="s-boris")).status_code == 422
    assert not Ticket.objects.exists()


def test_restricted_tickets_and_spam_exist_for_no_program(panel):
    numbers = [panel.post("/tickets/", asked()).said for _ in range(2)]
    Ticket.objects.filter(number=numbers[0]["number"]).update(kind="restricted")
    Ticket.objects.filter(number=numbers[1]["number"]).update(is_spam=True)
    assert panel.get("/tickets/").said["items"] == []
    for opened, tail in product(numbers, ("", "messages/", "evidence/")):
        assert panel.get(f"/tickets/{opened['id']}/{tail}").status_code == 404
    assert panel.post("/tickets/", asked(kind="restricted")).status_code == 422


def test_what_a_stranger_writes_under_an_account_is_not_shown_to_its_customer(panel):
    receive(letter("stranger@elsewhere.example", text="H-100001 annahost"), origin=origin(), now=NOW)
    Ticket.objects.update(account=Account.objects.get(external_id="a-1"))
    assert panel.get("/tickets/?contact=c-anna").said["items"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"level": 5}, {"number": "111111111"}, {"status": "closed"}, {"account_id": 1}, {"facts": []},
        {"claims": CLAIMS | {"level": 5}}, {"claims": CLAIMS | {"may_authorise": True}}, {"door": "panel"},
        {"contact_id": 1}, {"created_at": "2020-01-01T00:00:00Z"}, {"__proto__": {}},
    ],
    ids=str,
)  # fmt: skip
def test_naming_a_field_sets_nothing(panel, more):
    answer = panel.post("/tickets/", asked(**more))
    assert answer.status_code == 422
    assert answer.said["errors"][0]["code"] == "unknown_field"
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("more", [{"public_id": str(uuid4())}, {"user": 1}, {"on_file_since": "2000-01-01"}, {"id": 1}])
def test_a_push_sets_no_field_beside_its_own(panel, more):
    body = {"given_name": "Anna", "roles": [{"account": "a-1", "role": "owner"}], "emails": ["a@x.example"]}
    assert panel.put("/contacts/c-anna/", body | more).status_code == 422
    assert not ContactPoint.objects.filter(value="a@x.example").exists()


def test_no_claim_reaches_level_five(panel):
    for factor in ("passkey", "totp", "other"):
        opened = panel.post("/tickets/", asked(claims=CLAIMS | {"second_factor": factor, "role": "owner"})).said
        assert Ticket.objects.get(number=opened["number"]).level == 4


def test_swapped_parameters_under_one_key_change_nothing(panel, boris):
    panel.post("/tickets/", asked(), key="one")
    assert panel.post("/tickets/", asked(contact="c-boris"), key="one").said["code"] == "key_of_another_body"
    opened = Ticket.objects.get()
    assert opened.contact.external_id == "c-anna"
    body = {"contact": "c-anna", "claims": CLAIMS}
    assert panel.post(f"/tickets/{opened.public_id}/closing/", body, key="one").said["code"] == "key_of_another_body"
    assert Ticket.objects.get().status == "new"


def file_link(panel) -> str:
    from io import BytesIO

    sent = BytesIO(b"<svg onload=alert(1)>")
    sent.name = "x.svg"
    opened = panel.form("/tickets/", asked(), [sent]).said
    return panel.get(f"/tickets/{opened['id']}/messages/").said["items"][0]["files"][0]["url"]


def test_a_link_to_a_file_opens_that_file_for_minutes_for_a_token_that_still_opens(panel):
    link = file_link(panel)
    assert Client().get(link).status_code == 200
    for changed in (
        re.sub(r"attachments/[^/]+", f"attachments/{uuid4()}", link),
        re.sub(r"token=\d+", "token=1", link),
        re.sub(r"until=\d+", f"until={int((read_clock() + timedelta(days=9)).timestamp())}", link),
        link[:-1],
        link.partition("?")[0],
        link.partition("?")[0] + "?token=1&until=x&signature=" + hashlib.sha256(b"").hexdigest(),
    ):
        if changed != link:
            assert Client().get(changed).status_code == 404, changed
    Ticket.objects.update(kind="restricted")
    assert Client().get(link).status_code == 404
    Ticket.objects.update(kind="incident")
    ApiToken.objects.update(revoked_at=read_clock())
    assert Client().get(link).status_code == 404


def test_a_file_is_never_a_page_of_ours(panel):
    got = Client().get(file_link(panel))
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert (got["X-Content-Type-Options"], got["Content-Security-Policy"][:7]) == ("nosniff", "sandbox")


def test_ids_are_not_to_be_guessed_one_from_another(panel):
    opened = [panel.post("/tickets/", asked()).said for _ in range(3)]
    for each in opened:
        assert panel.get(f"/tickets/{each['number']}/").status_code == 404
        assert panel.get(f"/tickets/?contact={each['id']}").status_code != 200
    unknown = panel.get(f"/tickets/{uuid4()}/").said
    Ticket.objects.update(is_spam=True)
    hidden = panel.get(f"/tickets/{opened[0]['id']}/").said
    assert {**unknown, "instance": ""} == {**hidden, "instance": ""}


def test_the_host_of_a_request_stands_in_no_answer(panel):
    link = file_link(panel)
    assert link.startswith("/api/v1/")
    assert Client().get("/api/v1/schema/", headers={"host": "evil.example"}).status_code == 400
