"""A form that is refused says why beside the field, in the reader's language, and keeps what was typed."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.http import HttpResponse

from channels_app.models import Channel
from staff.models import StaffProfile
from tests.cast import NOW, SUPPORT
from tests.web.conftest import enter, person, shows, sign_in_with, signed_in
from tests.web.test_saved_views import saved
from tests.web.test_ticket import address
from tickets.enums import Direction, FieldKind, NumberSource
from tickets.models import CustomField, Message, Promise, Ticket
from tickets.services import calls, promises
from tickets.services.promises import Promised

ME = "/desk/me/notifications"
NEW_TICKET = {"queue": "hosting", "kind": "question", "subject": "Works", "text": "On Friday", "letter": "yes"}
NEW_CALL = {"source": "shown", "direction": "in", "queue": "hosting", "kind": "question", "then": "ticket"}


def refused_at(answer: HttpResponse, field: str, words: str, typed: str = "") -> None:
    """The field is marked, leads to the words that stand behind it, and holds what was typed."""
    page = answer.content.decode()
    found = re.search(rf"<(?:input|select|textarea)\b[^>]*\bid=\"{re.escape(field)}\"[^>]*>", page)
    assert found, f"no field {field}"
    tag = found[0]
    assert 'aria-invalid="true"' in tag, tag
    told = re.search(r"aria-describedby=\"([^\" ]+)", tag)
    assert told, tag
    message = re.search(rf"<span class=\"error\" id=\"{re.escape(told[1])}\"(?: role=\"alert\")?>(.*?)</span>", page)
    assert message, f"nothing is said beside {field}"
    assert words in page[message.start() : message.start() + 500]
    assert not typed or f'value="{typed}"' in tag, tag


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    Channel.objects.create(slug="support", address=SUPPORT, queue_slug="hosting", name="Support")


@pytest.fixture
def call(agent):
    said = calls.NewCall(
        request_id=uuid.uuid4(), direction=Direction.INBOUND, number="+7 921 555-01-38",
        number_source=NumberSource.SHOWN, caller=None, caller_name="Anna", subject="Help", words="Help", language="en",
    )  # fmt: skip
    return calls.register(said, by=StaffProfile.objects.get().actor(), now=NOW)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"promise_at": "31.02.2027 10:00"}, "with-promise-at", "Say by when"),
        ({"promise_at": "01.01.2020 10:00"}, "with-promise-at", "still to come"),
        ({"promise_at": "01.01.2027 10:00", "promise": "x" * 301}, "with-promise", "Three hundred characters"),
        ({"cc": "nonsense"}, "cc", "cannot be read"),
        ({"asks": "\n".join(map(str, range(21)))}, "asks", "twenty things"),
    ],
)
def test_of_a_reply(agent, ticket, more, field, words):
    answer = agent.post(address(ticket, "replies"), {"text": "We look"} | more)
    assert answer.status_code == 409
    refused_at(answer, field, words, more.get("promise_at", "") if field == "with-promise-at" else more.get("cc", ""))
    shows(answer, ">We look</textarea>")


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"side_to": "nonsense", "subject": "Disk"}, "side-to", "cannot be read"),
        ({"side_to": "noc@upstream.example", "subject": " "}, "side-subject", "Write a subject"),
    ],
)
def test_of_a_letter_to_a_third_party(agent, ticket, more, field, words):
    refused_at(agent.post(address(ticket, "side-letters"), {"text": "Look"} | more), field, words)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"due_at": "tomorrow", "words": "Call"}, "promise-due", "as 25.11.2026 18:00"),
        ({"due_at": "01.01.2027 10:00", "words": "x" * 301}, "promise-words", "Three hundred characters"),
    ],
)
def test_of_a_promise(agent, ticket, more, field, words):
    refused_at(agent.post(address(ticket, "promises"), more), field, words, more["due_at"] if "due" in field else "")


def test_of_a_promise_that_is_moved(agent, ticket):
    by = StaffProfile.objects.get().actor()
    one = promises.make(ticket.number, Promised(NOW + timedelta(days=1), "Call"), by=by, now=NOW)
    where = address(ticket, f"promises/{one.public_id}/withdrawal")
    refused_at(agent.post(where, {"reason": "Ill", "due_at": "soon"}), f"pt-{one.public_id}", "Say by when", "soon")
    refused_at(agent.post(where, {"reason": " "}), f"pr-{one.public_id}", "Say why")
    assert Promise.objects.get().withdrawn_at is None


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"to": "nonsense"}, "to", "Nobody on file"),
        ({"to": "a@b"}, "to", "cannot be read"),
        ({"to": ""}, "to", "no address"),
        ({"to": "noc@upstream.example", "subject": " "}, "subject", "Write a subject"),
        ({"to": "noc@upstream.example", "text": " "}, "text", "Write something"),
    ],
)
def test_of_a_new_ticket(agent, more, field, words):
    answer = agent.post("/desk/tickets/new/", NEW_TICKET | {"request_id": str(uuid.uuid4())} | more)
    refused_at(answer, field, words, more["to"] if field == "to" else "")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"subject": " ", "words": "Help"}, "subject", "Write a subject"),
        ({"then": ""}, "number", "Write at least who calls"),
        ({"then": "add", "ticket": "HD-1", "who": "Anna"}, "ticket", "no such ticket"),
        ({"then": "", "words": "x" * 20_001}, "words", "20,000 letters"),
    ],
)
def test_of_a_new_call(agent, more, field, words):
    answer = agent.post("/desk/calls/new/", NEW_CALL | {"request_id": str(uuid.uuid4())} | more)
    assert answer.status_code == 409
    refused_at(answer, field, words)


@pytest.mark.parametrize(
    ("noun", "given", "field", "words"),
    [
        ("closing", {"summary": "Said"}, "disposition", "Choose how the call ended"),
        ("closing", {"disposition": "ticket_opened"}, "disposition", "The call is in no ticket"),
        ("closing", {"disposition": "solved", "summary": "x" * 20_001}, "summary", "20,000 letters"),
        ("ticket", {"queue": "hosting", "kind": "question", "subject": " "}, "subject", "Write a subject"),
        (
            "ticket",
            {"queue": "hosting", "kind": "question", "subject": "Disk", "answer_to": "nonsense"},
            "answer_to",
            "cannot be read",
        ),
        ("addition", {"ticket": "HD-1"}, "ticket", "no such ticket"),
    ],
)
def test_of_a_call(agent, call, noun, given, field, words):
    answer = agent.post(f"/desk/calls/{call.number}/{noun}", given)
    assert answer.status_code == 409
    refused_at(answer, field, words, given.get("answer_to", ""))


def test_of_a_call_back_that_was_promised(agent, ticket, call):
    agent.post(f"/desk/calls/{call.number}/addition", {"ticket": ticket.number})
    given = {"disposition": "solved", "call_back_by": "32.12.2026 10:00"}
    answer = agent.post(f"/desk/calls/{call.number}/closing", given)
    refused_at(answer, "call_back_by", "Say by when", given["call_back_by"])


@pytest.mark.parametrize(
    ("quiet", "field", "words"),
    [
        (("25:00", "8:00"), "quiet-from", "Write the time as 22:00"),
        (("22:00", ""), "quiet-until", "Write both, or neither"),
        (("22:00", "22:00"), "quiet-until", "end when they begin"),
    ],
)
def test_of_quiet_hours(agent, quiet, field, words):
    answer = agent.post(ME, {"quiet_from": quiet[0], "quiet_until": quiet[1]})
    refused_at(answer, field, words, dict(zip(("quiet-from", "quiet-until"), quiet, strict=True))[field])


def test_of_a_signature(agent):
    answer = agent.post("/desk/me/signatures", {"signature_ru": "x" * 1001, "signature_en": "Anna"})
    refused_at(answer, "s-ru", "1,000 letters")
    shows(answer, ">Anna</textarea>")


def test_of_sorting(agent, ticket):
    refused_at(agent.get(address(ticket, "sorting/?into=12")), "into", "no such ticket", "12")
    refused_at(agent.post(address(ticket, "links"), {"other": "HD-12"}), "other", "no such ticket", "HD-12")
    letter = Message.objects.get(author="requester").public_id
    where = address(ticket, f"messages/{letter}/move")
    refused_at(agent.post(where, {"to": "HD-12"}), f"to-{letter}", "no such ticket", "HD-12")


def test_of_a_list_that_is_renamed(agent):
    view = saved(agent)
    answer = agent.post(f"/desk/views/{view.public_id}/name", {"name": " "})
    assert answer.status_code == 409
    refused_at(answer, f"n-{view.public_id}", "Write a name")


def test_of_a_sender_list():
    lead = signed_in(person("lead", "lead", "first-line"))
    answer = lead.post("/desk/lists/entries", {"sender": "not a sender", "list": "allow"})
    refused_at(answer, "l-sender", "Write an address or a domain", "not a sender")


@pytest.mark.parametrize(
    ("page", "since", "until"),
    [("/desk/", "since", "until"), ("/desk/search/", "since", "until"), ("/desk/mail/", "m-since", "m-until")],
)
def test_of_the_days_of_a_filter(agent, page, since, until):
    answer = agent.get(page, {"since": "31.02.2026", "until": "1.3.2026"})
    assert answer.status_code == 200
    refused_at(answer, since, "This is no date. Write it as 25.11.2026.", "31.02.2026")
    assert re.search(rf'id="{until}" name="until" value="0?1.0?3.2026"', answer.content.decode())


def test_of_a_field_of_the_desk_s_own(agent, ticket):
    one = CustomField.objects.create(name_ru="Срок", name_en="Term", kind=FieldKind.DATE)
    where = address(ticket, "fields")
    refused_at(agent.post(where, {f"field-{one.pk}": "30.02.2027"}), f"f-{one.pk}", "This is no date", "30.02.2027")
    agent.post(where, {f"field-{one.pk}": "1.3.2027", f"shown-{one.pk}": ""})
    shows(agent.get(address(ticket)), f'name="field-{one.pk}" value="01.03.2027"')
    agent.post(where, {f"field-{one.pk}": "01.03.2027", f"shown-{one.pk}": "2027-03-01"})
    assert Ticket.objects.get().field_values == {str(one.pk): "2027-03-01"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_what_is_half_filled_in_is_told_beside_the_field_and_not_sent(self, browser, live_server, ticket):
        page = browser.new_page(locale="ru-RU")
        person("agent1", "agent", "first-line")
        sign_in_with(page, live_server.url, "agent1")
        page.goto(live_server.url + address(ticket))
        page.click('[data-key="KeyB"] > summary')
        field = page.locator("#promise-due")
        assert field.get_attribute("type") == "datetime-local"
        field.press_sequentially("31")
        page.fill("#promise-words", "Позвоним")
        page.press("#promise-words", "Enter")
        told = page.locator("#promise-due-e")
        told.wait_for()
        assert "как 25.11.2026 18:00" in told.inner_text()
        assert (field.get_attribute("aria-invalid"), field.get_attribute("aria-describedby")) == (
            "true",
            "promise-due-e",
        )
        assert page.evaluate("document.activeElement.id") == "promise-due"
        assert not Promise.objects.exists()
        day = date(NOW.year + 1, 1, 2)
        field.fill(f"{day:%Y-%m-%d}T10:00")
        with page.expect_navigation():
            page.press("#promise-words", "Enter")
        assert Promise.objects.get().words == "Позвоним"

    def test_without_scripts_days_are_typed_as_they_are_read(self, browser, live_server, ticket):
        context = browser.new_context(java_script_enabled=False, locale="en-GB")
        page = context.new_page()
        enter(page, live_server.url, signed_in(person("agent1", "agent", "first-line")))
        page.goto(live_server.url + address(ticket))
        page.click('[data-key="KeyB"] > summary')
        page.fill("#promise-due", "31.02.2027 10:00")
        page.fill("#promise-words", "Call")
        page.press("#promise-words", "Enter")
        page.locator("#promise-due-e").wait_for()
        assert (page.input_value("#promise-due"), page.input_value("#promise-words")) == ("31.02.2027 10:00", "Call")
        page.fill("#promise-due", "28.02.2027 10:00")
        page.press("#promise-due", "Enter")
        page.locator("#promises").wait_for()
        assert Promise.objects.get().words == "Call"


TOO_LARGE = {"HTTP_X_FILES_TOO_LARGE": "1"}


@pytest.mark.parametrize("noun", ["replies", "notes", "side-letters"])
def test_of_files_too_large_for_any_form_the_words_are_kept(agent, ticket, noun):
    answer = agent.post(address(ticket, noun), {"text": "We look at it"}, **TOO_LARGE)
    assert answer.status_code == 409
    shows(answer, ">We look at it</textarea>", "The file is too large: 25 MB at most.")
    assert not Message.objects.filter(author="agent").exists()


def test_of_a_new_ticket_with_files_too_large(agent):
    answer = agent.post("/desk/tickets/new/", NEW_TICKET | {"to": "noc@upstream.example"}, **TOO_LARGE)
    refused_at(answer, "files", "The file is too large")
    shows(answer, ">On Friday</textarea>")


@pytest.mark.parametrize("where", ["/desk/me/notifications", "/desk/tickets/new/files", "/setup/import/files"])
def test_a_page_that_knows_nothing_of_such_forms_is_not_given_the_rest_of_one(agent, where):
    answer = agent.post(where, {"text": "We look"}, **TOO_LARGE)
    assert answer.status_code == 413
    shows(answer, "larger than 40 MB")


@pytest.mark.parametrize(
    ("noun", "more", "field"),
    [
        ("replies", {"text": "We \0look"}, "text-reply"),
        ("replies", {"text": "We look", "cc": "a\0@b.example"}, "cc"),
        ("notes", {"text": "We \0look"}, "text-note"),
        ("side-letters", {"text": "We look", "subject": "Di\0sk"}, "side-subject"),
    ],
)
def test_a_character_that_cannot_be_stored_is_told_at_its_field(agent, ticket, noun, more, field):
    answer = agent.post(address(ticket, noun), more)
    assert answer.status_code == 409
    shows(answer, ">We look</textarea>", "There was a character that cannot be stored.")
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.content.decode())
    assert "\0" not in answer.content.decode()


def test_nor_is_one_in_a_new_ticket_or_call(agent):
    given = NEW_TICKET | {"request_id": str(uuid.uuid4()), "to": "noc@upstream.example", "subject": "Wo\0rks"}
    refused_at(agent.post("/desk/tickets/new/", given), "subject", "cannot be stored", "Works")
    given = NEW_CALL | {"request_id": str(uuid.uuid4()), "subject": "Help", "words": "a\0b"}
    refused_at(agent.post("/desk/calls/new/", given), "words", "cannot be stored")
    assert not Ticket.objects.exists()
