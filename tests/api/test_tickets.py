"""Tickets opened, read and answered by the provider's own panel in the name of a signed-in customer."""

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.models import KeptAnswer
from assurance.models import Evidence, View
from channels_app.models import Channel
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole
from tests import cast
from tests.api.conftest import CLAIMS, asked, caller
from tests.cast import ANNA, SUPPORT
from tests.locks import wait_until_somebody_waits_for_us
from tests.past import gone_by
from tickets.models import Message, Note, Ticket
from tickets.services import promises
from tickets.services.critical import acting
from tickets.services.promises import Promised
from users.api_tokens import Scope


@pytest.fixture
def panel():
    return caller()


def test_a_signed_in_customer_opens_a_ticket_at_the_level_of_his_role(panel):
    answer = panel.post("/tickets/", asked(service="s-1", details=[{"label": "Error", "value": "502"}]))
    assert answer.status_code == 201
    ticket = Ticket.objects.get(public_id=answer.said["id"])
    assert (ticket.number, ticket.door, ticket.level, ticket.account.external_id) == (
        answer.said["number"], "api", 4, "a-1",
    )  # fmt: skip
    assert (ticket.contact.external_id, ticket.service.external_id, ticket.requester_email) == ("c-anna", "s-1", ANNA)
    assert ticket.details == [["Error", "502"]]
    proof = Evidence.objects.get(ticket=ticket)
    assert (proof.kind, proof.facts[0]["detail"]["second_factor"]) == ("api_claim", "none")
    assert proof.facts[0]["source"].startswith("api:")


@pytest.mark.parametrize(
    ("role", "claims", "level"),
    [
        pytest.param("owner", {"second_factor": "passkey"}, 4, id="a second factor elsewhere is no step-up of ours"),
        pytest.param("owner", {"role": "technical"}, 3, id="a claimed role makes less of it"),
        pytest.param("technical", {"role": "owner"}, 3, id="a claimed role makes no more of it"),
        pytest.param("billing", {}, 3, id="billing asks and authorises nothing"),
    ],
)
def test_the_level_follows_from_the_roles_on_file(panel, role, claims, level):
    ContactRole.objects.update(role=role)
    answer = panel.post("/tickets/", asked(claims=CLAIMS | claims))
    assert Ticket.objects.get(number=answer.said["number"]).level == level


def test_a_stranger_opens_a_ticket_that_proves_nothing(panel):
    body = {"subject": "Hello", "text": "Hi", "stranger": {"email": "New@Elsewhere.example", "name": "New"}}
    ticket = Ticket.objects.get(number=panel.post("/tickets/", body).said["number"])
    assert (ticket.level, ticket.contact_id, ticket.requester_email) == (1, None, "new@elsewhere.example")


@pytest.mark.django_db(transaction=True)
def test_opening_costs_few_statements(panel):
    Channel.objects.create(slug="support", name="Support", queue_slug="hosting", address=SUPPORT)
    panel.post("/tickets/", asked())
    with CaptureQueriesContext(connection) as asked_of_it:
        assert panel.post("/tickets/", asked(service="s-1")).status_code == 201
    told = [query["sql"] for query in asked_of_it if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(told) <= 7, told


def test_the_same_key_answers_the_same_and_opens_one_ticket(panel):
    first = panel.post("/tickets/", asked(), key="order-17")
    again = panel.post("/tickets/", dict(reversed(asked().items())), key="order-17")
    assert (again.status_code, again.said, again["Idempotent-Replayed"]) == (201, first.said, "true")
    other = panel.post("/tickets/", asked(text="Something else"), key="order-17")
    assert (other.status_code, other.said["code"]) == (422, "key_of_another_body")
    assert Ticket.objects.count() == 1
    assert panel.post("/tickets/", asked(), key="x" * 129).said["code"] == "no_idempotency_key"
    assert caller().post("/tickets/", asked(), key="order-17").said != first.said  # a key is of its token


def test_a_refused_request_may_be_mended_under_the_same_key(panel):
    assert panel.post("/tickets/", asked(text=" "), key="k").status_code == 422
    assert panel.post("/tickets/", asked(), key="k").status_code == 201


def test_answers_are_forgotten_after_two_days_and_keys_are_free_again(panel):
    panel.post("/tickets/", asked(), key="k")
    gone_by(read_clock() + timedelta(days=1))
    assert KeptAnswer.objects.count() == 1
    gone_by(read_clock() + timedelta(days=3))
    assert KeptAnswer.objects.count() == 0
    assert panel.post("/tickets/", asked(), key="k").status_code == 200  # the same ticket, found by its request
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_opens_and_the_others_come_again():
    panel = caller()

    def send(_: int) -> tuple[int, str]:
        try:
            answer = panel.post("/tickets/", asked(), key="one")
            return answer.status_code, answer.headers.get("Retry-After", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert set(answers) <= {(201, ""), (409, "1")}
    assert (201, "") in answers
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_in_use_is_a_conflict_that_says_when_to_come_again():
    panel = caller()
    with ThreadPoolExecutor(1) as other, connection.cursor() as cursor:
        # Whatever lock the request takes is held here, as by a twin that has not ended.
        cursor.execute("BEGIN; LOCK TABLE tickets_issuednumber IN ACCESS EXCLUSIVE MODE")

        def send() -> object:
            try:
                return panel.post("/tickets/", asked(), key="one")
            finally:
                connections.close_all()

        first = other.submit(send)
        wait_until_somebody_waits_for_us()
        with ThreadPoolExecutor(1) as twin:
            answer = twin.submit(send).result()
        assert (answer.status_code, answer.said["code"], answer["Retry-After"]) == (409, "key_in_use", "1")
        cursor.execute("COMMIT")
        assert first.result().status_code == 201


def test_a_contact_of_several_accounts_says_which(panel):
    second = Account.objects.create(kind="person", name="Two", external_id="a-2")
    ContactRole.objects.create(account=second, contact=Contact.objects.get(), role="technical")
    refused = panel.post("/tickets/", asked())
    assert refused.said["errors"][0]["code"] == "account_needed"
    answer = panel.post("/tickets/", asked(account="a-2"))
    ticket = Ticket.objects.get(number=answer.said["number"])
    assert (ticket.account_id, ticket.level) == (second.pk, 3)


@pytest.mark.parametrize(
    ("given", "of_contact", "of_account", "language"),
    [("en", "ru", "ru", "en"), ("", "en", "ru", "en"), ("", "", "en", "en"), ("", "", "", "ru")],
)
def test_a_ticket_speaks_the_language_given_or_of_the_person_or_of_the_account(
    panel, given, of_contact, of_account, language
):
    Contact.objects.update(language=of_contact)
    Account.objects.update(language=of_account)
    answer = panel.post("/tickets/", asked(language=given))
    assert Ticket.objects.get(number=answer.said["number"]).language == language


def test_files_go_along_and_come_back_by_a_short_link(panel):
    shot = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    shot.name = "../shot.png"
    opened = panel.form("/tickets/", asked(), [shot])
    assert opened.status_code == 201
    (message,) = panel.get(f"/tickets/{opened.said['id']}/messages/").said["items"]
    (file,) = message["files"]
    assert (file["filename"], file["content_type"], file["size_bytes"]) == ("shot.png", "image/png", 108)
    got = Client().get(file["url"])
    assert (got.status_code, b"".join(got.streaming_content)[:4]) == (200, b"\x89PNG")
    assert "attachment" in got["Content-Disposition"]
    assert "sandbox" in got["Content-Security-Policy"]


def test_the_same_form_with_another_file_is_another_request(panel):
    def file(content: bytes) -> io.BytesIO:
        made = io.BytesIO(content)
        made.name = "log.txt"
        return made

    assert panel.form("/tickets/", asked(), [file(b"1")], key="k").status_code == 201
    assert panel.form("/tickets/", asked(), [file(b"1")], key="k").status_code == 201
    assert panel.form("/tickets/", asked(), [file(b"2")], key="k").status_code == 422


def test_a_customer_answers_closes_and_reopens(panel):
    opened = panel.post("/tickets/", asked()).said
    where = f"/tickets/{opened['id']}"
    body = {"contact": "c-anna", "claims": CLAIMS}
    written = panel.post(f"{where}/messages/", body | {"text": "Still down"})
    assert (written.status_code, written.said["level"]) == (201, 4)
    assert [m["text"] for m in panel.get(f"{where}/messages/").said["items"]] == ["502 since ten", "Still down"]
    read = panel.get(f"{where}/")
    assert (read.said["state"], read.said["level"]) == ("working", 4)
    assert panel.post(f"{where}/closing/", body, If_Match='"old"').status_code == 412
    closed = panel.post(f"{where}/closing/", body, If_Match=read["ETag"])
    assert (closed.status_code, closed.said["state"]) == (200, "done")
    assert panel.post(f"{where}/reopening/", body).said["state"] == "working"


def test_what_was_promised_stands_at_the_ticket(panel):
    opened, now = panel.post("/tickets/", asked()).said, read_clock()
    agent, due_at = cast.actor("agent1", "agent", "first-line"), now + timedelta(days=1)
    first = promises.make(opened["number"], Promised(due_at, "Change the disk"), by=agent, now=now)
    promises.withdraw(opened["number"], str(first.public_id), reason="It is late", instead=due_at, by=agent, now=now)
    taken_back, promised = panel.get(f"/tickets/{opened['id']}/?contact=c-anna").said["promises"]
    assert (taken_back["id"], taken_back["words"], taken_back["reason"]) == (
        str(first.public_id), "Change the disk", "It is late",
    )  # fmt: skip
    assert taken_back["withdrawn_at"]
    assert (promised["withdrawn_at"], promised["kept_at"], promised["is_answer"]) == (None, None, False)
    body = {"contact": "c-anna", "claims": CLAIMS}
    where = f"/tickets/{opened['id']}/closing/"
    refused = panel.post(where, body)
    assert (refused.status_code, refused.said["code"]) == (422, "promises_open")
    assert refused.said["errors"][0]["pointer"] == "/waived"
    closed = panel.post(where, body | {"waived": [promised["id"]]}).said
    assert closed["state"] == "done"
    assert [promise["is_waived"] for promise in closed["promises"]] == [False, True]


def test_what_the_desk_says_among_itself_is_not_to_be_had(panel):

    opened = panel.post("/tickets/", asked()).said
    ticket = Ticket.objects.get(number=opened["number"])
    agent = cast.person("agent1", "agent", "first-line")
    Note.objects.create(ticket=ticket, staff=agent, text="SECRET NOTE", created_at=ticket.created_at)
    for path in ("", "messages/", "evidence/"):
        assert "SECRET" not in panel.get(f"/tickets/{opened['id']}/{path}").content.decode()


def test_evidence_is_read_without_raw_facts(panel):
    opened = panel.post("/tickets/", asked(claims=CLAIMS | {"ip": "192.0.2.7", "session": "cookie"})).said
    answer = panel.get(f"/tickets/{opened['id']}/evidence/")
    assert [(e["kind"], e["level"]) for e in answer.said["items"]] == [("api_claim", 4)]
    assert "192.0.2.7" not in answer.content.decode()
    assert "cookie" not in str(Message.objects.values())


def test_lists_are_of_all_of_an_account_or_of_what_a_contact_sees(panel):
    numbers = [panel.post("/tickets/", asked()).said["number"] for _ in range(3)]
    panel.post("/tickets/", {"subject": "x", "text": "x", "stranger": {"email": "new@elsewhere.example"}})
    assert len(panel.get("/tickets/").said["items"]) == 4
    page = panel.get("/tickets/?account=a-1&limit=2").said
    assert [item["number"] for item in page["items"]] == numbers[:0:-1]
    last = panel.get(f"/tickets/?account=a-1&limit=2&cursor={page['next']}").said
    assert ([item["number"] for item in last["items"]], last["next"]) == (numbers[:1], None)
    assert len(panel.get("/tickets/?contact=c-anna").said["items"]) == 3
    with CaptureQueriesContext(connection) as asked_of_it:
        panel.get("/tickets/")
    assert len(asked_of_it) <= 2


def test_a_program_that_asks_too_fast_is_told_to_wait():
    slow = caller(Scope.TICKETS_READ, per_minute=2)
    assert [slow.get("/tickets/").status_code for _ in range(3)] == [200, 200, 429]
    refused = slow.get("/tickets/")
    assert (refused.said["code"], 1 <= int(refused["Retry-After"]) <= 31) == ("throttled", True)
    assert caller(Scope.TICKETS_READ).get("/tickets/").status_code == 200


def test_the_log_has_a_number_and_nobodys_name(panel, caplog):
    ContactPoint.objects.update(value="anna@secret.example")
    Contact.objects.update(external_id="anna@secret.example")
    with caplog.at_level(logging.INFO):
        answer = panel.get("/contacts/anna@secret.example/")
        panel.get("/tickets/?contact=anna@secret.example")
        panel.put("/contacts/anna@secret.example/", {})
    assert answer["X-Request-Id"] in caplog.text
    assert "route=api/v1/contacts/<external:external_id>/" in caplog.text
    assert "anna@" not in caplog.text


@pytest.mark.parametrize("path", ["/nowhere/", "/tickets/17/", "/accounts/a%00b/"])
def test_what_is_not_there_is_a_problem_and_no_page(panel, path):
    answer = panel.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_broken_json_is_said_to_be_broken(panel):
    sent = Client().put(
        "/api/v1/accounts/a-1/", "{", content_type="application/json",
        headers={"authorization": f"Bearer {panel.secret}"},
    )  # fmt: skip
    assert (sent.status_code, sent.json()["code"]) == (400, "parse_error")


def test_critical_actions_are_listed_for_who_may_authorise_them_and_done_by_no_program(panel):
    number = panel.post("/tickets/", asked()).said["number"]
    agent = cast.person("agent1", "agent", "first-line").actor()
    acting.request(number, "password_reset", {"login": "annahost"}, by=agent, now=read_clock())
    (action,) = panel.get("/actions/?contact=c-anna").said["items"]
    assert (action["code"], action["state"], action["ticket_number"]) == ("password_reset", "requested", number)
    ContactRole.objects.update(role="technical")
    assert panel.get("/actions/?contact=c-anna").said["items"] == []
    assert panel.get("/actions/").said["errors"][0]["parameter"] == "contact"
    assert panel.post("/actions/?contact=c-anna", {}).status_code == 405


def test_a_ticket_that_a_program_read_stands_in_the_view_log_once_an_hour(panel):
    opened = panel.post("/tickets/", asked()).said
    for tail in ("", "messages/", "evidence/", "?contact=c-anna"):
        assert panel.get(f"/tickets/{opened['id']}/{tail}").status_code == 200
    entry = View.objects.get()
    assert (entry.ticket.number, entry.program.name, entry.staff_id, entry.fields) == (
        opened["number"],
        "panel",
        None,
        "",
    )
    assert caller(Scope.TICKETS_READ).get(f"/tickets/{opened['id']}/").status_code == 200
    assert View.objects.count() == 2  # another program


def test_what_comes_back_whole_was_read_and_a_list_or_what_is_not_there_was_not(panel):
    opened = panel.post("/tickets/", asked()).said
    panel.get("/tickets/")
    panel.get("/tickets/?contact=c-anna")
    panel.get(f"/tickets/{uuid4()}/")
    assert not View.objects.exists()
    panel.post(f"/tickets/{opened['id']}/closing/", {"contact": "c-anna", "claims": CLAIMS})
    assert View.objects.get().program.name == "panel"


def test_reading_one_ticket_costs_one_statement_more_for_the_view_log(panel):
    opened = panel.post("/tickets/", asked()).said
    with CaptureQueriesContext(connection) as asked_of_it:
        panel.get(f"/tickets/{opened['id']}/")
    told = [query["sql"] for query in asked_of_it if "SAVEPOINT" not in query["sql"]]
    assert len(told) <= 5, told
