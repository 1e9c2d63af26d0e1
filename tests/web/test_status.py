"""A ticket by its number and a mailed code."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from channels_app import visits
from channels_app.models import Visit
from core.clock import now as read_clock
from core.trust import Fact, FactKind
from events import worker
from tests import cast, visitors
from tests.cast import MALLORY
from tests.channels_app.conftest import loop, sink  # noqa: F401 - the fixtures
from tests.past import gone_by
from tests.visitors import FORM, STATUS, code_in, form, mails, stamped, visitor
from tests.web.conftest import shows
from tickets.contracts import Typed
from tickets.models import Attachment, Message, Ticket
from tickets.numbers import pretty
from tickets.services import conversation, customer_side, merging, promises
from tickets.services.promises import Promised
from web.shared.moments import by

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    visitors.door()


@pytest.fixture
def letters(sink, settings, tmp_path):  # noqa: F811
    return lambda: mails(sink[0], settings, sink[1], tmp_path)


@pytest.fixture
def ticket() -> Ticket:
    visitor().post(FORM, form(files=SimpleUploadedFile("screen.png", b"\x89PNG\r\n\x1a\n0")))
    return Ticket.objects.get()


def asked(client, ticket: Ticket, *, email: str = MALLORY) -> str:
    """Where the code is to be typed."""
    answer = client.post(STATUS, {"number": pretty(ticket.number), "email": email})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def opened(client, ticket: Ticket, letters) -> str:
    page = asked(client, ticket)
    client.post(f"{page}code/", {"code": code_in(letters())})
    return page


def test_the_code_opens_state_promise_and_conversation(ticket, letters):
    client = visitor()
    page = asked(client, ticket)
    shows(client.get(page), f"If the ticket {pretty(ticket.number)} exists", MALLORY)
    mail = next(mail for mail in letters() if mail["Subject"] == "Your code")
    assert mail["To"] == MALLORY
    assert ticket.subject not in mail.as_string()
    done = client.post(f"{page}code/", {"code": code_in([mail])}, follow=True)
    shows(done, ticket.subject, "We are working on it", "by ", "Since this morning every page", "screen.png")
    assert " MSK" in done.content.decode()


def test_of_a_promise_it_tells_the_time_alone(ticket, letters):
    agent, now = cast.actor("agent1", "agent", "first-line"), read_clock()
    due_at = now + timedelta(days=1)
    promises.make(ticket.number, Promised(due_at, "Change the disk"), by=agent, now=now)
    client = visitor()
    page = opened(client, ticket, letters)
    shows(client.get(page), "We promised", by(due_at, now))
    assert "Change the disk" not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [("waiting_customer", "We wait for your answer"), ("resolved", "Done"), ("waiting_third_party", "We are working")],
)
def test_it_is_told_in_three_plain_states(ticket, letters, status, words):
    client = visitor()
    page = opened(client, ticket, letters)
    Ticket.objects.update(status=status)
    shows(client.get(page), words)


def test_an_answer_is_written_into_the_ticket_at_the_level_of_a_code(ticket, letters):
    client = visitor()
    page = opened(client, ticket, letters)
    files = SimpleUploadedFile("log.txt", b"lines")
    said = {"stamp": stamped(), "text": "It is worse now", "files": files}
    shows(client.post(f"{page}answers/", said, follow=True), "It is worse now", "log.txt")
    client.post(f"{page}answers/", said)
    answer = Message.objects.get(text="It is worse now")
    assert (answer.level, answer.reasons, answer.author) == (2, ["code_entered"], "requester")
    assert Attachment.objects.filter(message=answer).count() == 1


def test_an_empty_answer_is_refused_and_its_file_is_kept(ticket, letters):
    client = visitor()
    page = opened(client, ticket, letters)
    answer = client.post(
        f"{page}answers/", {"stamp": stamped(), "text": " ", "files": SimpleUploadedFile("log.txt", b"lines")}
    )
    assert answer.status_code == 422
    shows(answer, "Write a few words more", "log.txt")


def test_files_are_downloads_behind_the_code(ticket, letters):
    client = visitor()
    page = opened(client, ticket, letters)
    file = Attachment.objects.get()
    answer = client.get(f"{page}files/{file.public_id}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert visitor().get(f"{page}files/{file.public_id}/").status_code == 404


def test_notes_and_what_was_written_behind_a_sign_in_are_not_shown(ticket, letters):
    agent = cast.actor("agent2", "lead", "first-line")
    conversation.add_note(ticket.number, by=agent, text="Only us", upload_ids=[], now=read_clock())
    typed = Typed(
        request_id=uuid.uuid4(), text="Behind a sign-in", facts=[Fact(FactKind.PANEL_SESSION, "may_authorise")]
    )
    proof = Fact(FactKind.ADDRESS_CODE, "entered", MALLORY)
    customer_side.answer_with_code(
        ticket.number,
        Typed(request_id=typed.request_id, text=typed.text, facts=[*typed.facts, proof]),
        now=read_clock(),
    )
    client = visitor()
    page = client.get(opened(client, ticket, letters)).content.decode()
    assert "Since this morning" in page
    assert "Only us" not in page
    assert "Behind a sign-in" not in page
    assert "What was written after signing in is not shown here" in page


def test_a_wrong_digit_is_told_at_once_and_an_unreadable_address_too():
    page = visitor().post(STATUS, {"number": "HD-123-456-780", "email": "nobody"})
    shows(page, "A digit is wrong", "not an address mail can be sent to", "HD-123-456-780")
    shows(visitor(language="ru").post(STATUS, {"number": "12", "email": ""}), "В номере девять цифр")


def test_a_code_is_used_once_and_for_ten_minutes(ticket, letters):
    client = visitor()
    first = asked(client, ticket)
    code = code_in(letters())
    assert visits.enter(Visit.objects.get().public_id, code, now=read_clock() + timedelta(minutes=11)) is False
    assert client.post(f"{first}code/", {"code": f" {code[:3]} {code[3:]} "}).status_code == 302
    assert client.post(f"{first}code/", {"code": code}).status_code == 422
    assert visits.asked(Visit.objects.get().public_id, now=read_clock() + visits.VISIT_LASTS) is None


def test_a_letter_that_has_to_be_tried_again_brings_a_fresh_code(ticket, letters, sink):  # noqa: F811
    letters()
    client = visitor()
    page = asked(client, ticket)
    sink[0].answers = {"RCPT": "451 later"}
    letters()
    sink[0].answers = {}
    worker.drain(lambda: read_clock() + timedelta(minutes=1))
    assert client.post(f"{page}code/", {"code": code_in(letters())}).status_code == 302


def test_a_merged_ticket_stands_for_that_into_which_it_went_while_it_is_his(ticket, letters):
    visitor().post(FORM, form(subject="Still 502"))
    living = Ticket.objects.get(subject="Still 502")
    merging.merge(ticket.number, living.number, by=cast.actor("agent2", "lead", "first-line"), now=read_clock())
    client = visitor()
    page = opened(client, ticket, letters)
    shows(client.get(page), "Still 502", pretty(living.number))
    Ticket.objects.filter(pk=living.pk).update(requester_email="other@else.example")
    assert client.get(page).status_code == 404
    before = len(letters())
    asked(visitor(), ticket)
    assert len(letters()) == before


def test_visits_are_forgotten_after_a_day(ticket):
    asked(visitor(), ticket)
    gone_by(read_clock() + timedelta(days=2))
    assert not Visit.objects.exists()
