"""A ticket begun by the desk, the language it speaks, and what an agent sets for himself."""

import threading
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from channels_app.models import Channel
from core.clock import NEVER
from customers.models import Account, ContactPoint
from tests.cast import ANNA, NOW, SUPPORT, actor, letter, origin, vouched
from tests.web.conftest import person, shows, sign_in_with, signed_in
from tickets.contracts import Address
from tickets.enums import Kind
from tickets.models import Attachment, Draft, IdentityMatch, Message, Note, OutboundCopy, Signature, Ticket, Upload
from tickets.numbers import pretty
from tickets.services import letters, opening
from tickets.services.intake import receive
from tickets.services.opening import Opening

NEW = "/desk/tickets/new/"
HOSTER = "noc@upstream.example"


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    Channel.objects.create(slug="support", address=SUPPORT, queue_slug="hosting", name="Support")


def given(**more) -> dict[str, object]:
    return {
        "request_id": str(uuid.uuid4()),
        "to": HOSTER,
        "queue": "hosting",
        "kind": "question",
        "subject": "Planned works",
        "text": "On Friday at noon",
        "letter": "yes",
    } | more


def test_a_letter_begins_a_ticket_with_its_number_and_a_signed_reply_address(agent):
    page = agent.post(NEW, given(files=SimpleUploadedFile("plan.txt", b"steps")), follow=True)
    ticket = Ticket.objects.get()
    shows(page, "The ticket is begun.", "Planned works", "On Friday at noon", "Undo")
    assert (ticket.level, ticket.door, ticket.status, ticket.due_at) == (1, "desk", "open", NEVER)
    sent = letters.outbound_message(OutboundCopy.objects.get().pk)
    assert sent.subject == f"[{pretty(ticket.number)}] Planned works"
    assert (sent.sender.email, sent.recipient.email) == (SUPPORT, HOSTER)
    assert sent.reply_to.startswith("support+t")
    assert [a.filename for a in sent.attachments] == ["plan.txt"]


def test_its_answer_joins_it(agent):
    agent.post(NEW, given())
    copy = OutboundCopy.objects.get()
    heard = letter(sender=HOSTER, text="Fine", in_reply_to=(copy.mail_id,), facts=vouched(HOSTER))
    end = receive(heard, origin=origin(), now=NOW)
    assert (end.outcome, end.ticket_id) == ("joined", Ticket.objects.get().pk)


def test_without_a_letter_only_a_note_is_written_and_somebody_is_owed_an_answer(agent):
    agent.post(NEW, given(letter="no", to="", files=SimpleUploadedFile("plan.txt", b"steps")))
    assert Note.objects.get().text == "On Friday at noon"
    assert not Message.objects.exists()
    assert Attachment.objects.get().note_id == Note.objects.get().pk
    assert Ticket.objects.get().due_at != NEVER


def test_sending_the_form_twice_opens_one_ticket(agent):
    form = given()
    first, second = agent.post(NEW, form), agent.post(NEW, form)
    assert first.url == second.url
    assert (Ticket.objects.count(), OutboundCopy.objects.count()) == (1, 1)


def test_nobody_else_s_form_is_taken_over(agent):
    form = given()
    agent.post(NEW, form)
    stranger = signed_in(person("other", "agent", "specialists"))
    assert stranger.post(NEW, form | {"queue": "domains", "letter": "no"}).status_code == 404
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("to", ["annahost", "h-100001", ANNA.upper()], ids=["login", "contract", "address"])
def test_somebody_on_file_is_found_and_the_ticket_is_his_account_s(agent, to):
    agent.post(NEW, given(to=to))
    ticket = Ticket.objects.get()
    assert (ticket.requester_email, ticket.account.login, ticket.level) == (ANNA, "annahost", 1)
    assert ticket.language == "ru"


def test_when_several_fit_one_is_chosen_and_nothing_is_guessed(agent):
    account = Account.objects.get()
    ivan = "ivan@hosting-client.example"
    second = ContactPoint.objects.create(account=account, kind="email", value=ivan, on_file_since=NOW)
    page = agent.post(NEW, given(to="annahost"))
    assert page.status_code == 409
    shows(page, "Several people fit.", "a•••@hosting-client.example", "i•••@", ">On Friday at noon</textarea>")
    assert [each for each in (ANNA, second.value) if each in page.content.decode()] == []  # not to be read to a caller
    assert not Ticket.objects.exists()
    agent.post(NEW, given(to="annahost", person=str(second.pk)))
    assert Ticket.objects.get().requester_email == second.value


def test_a_person_who_was_not_found_cannot_be_smuggled_in(agent):
    other = Account.objects.create(kind="person", name="Other", login="other")
    point = ContactPoint.objects.create(account=other, kind="email", value="x@other.example", on_file_since=NOW)
    agent.post(NEW, given(to=HOSTER, person=str(point.pk)))
    assert Ticket.objects.get().account is None


def test_an_address_of_several_accounts_belongs_to_none_until_one_is_chosen(agent):
    other = Account.objects.create(kind="person", name="Other", login="other")
    ContactPoint.objects.create(account=other, kind="email", value=ANNA, on_file_since=NOW)
    agent.post(NEW, given(to=ANNA))
    assert Ticket.objects.get().account is None
    assert IdentityMatch.objects.count() == 2


REFUSED = {
    "no subject": ({"subject": " "}, "Write a subject."),
    "no text": ({"text": ""}, "the text is empty"),
    "nobody": ({"to": ""}, "There is no address to answer to."),
    "an unknown login": ({"to": "nobody-here"}, "Nobody on file has this login"),
    "an address of ours": ({"to": SUPPORT}, "own: the letter would come back"),
    "a queue of another team": ({"queue": "domains"}, "no address of ours"),
    "a queue of another team, without a letter": ({"queue": "domains", "letter": "no"}, "There is no such queue."),
}


@pytest.mark.parametrize(("more", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sent_is_told_and_kept(agent, more, told):
    form = given(**more)
    page = agent.post(NEW, form)
    assert page.status_code == 409
    shows(page, told, f'value="{form["request_id"]}"', f">{form['text']}</textarea>")
    assert not Ticket.objects.exists()


def test_no_language_is_chosen_for_somebody_unless_the_agent_does(agent):
    shows(agent.get(f"{NEW}?to=annahost"), '<option value="en">English</option>', "a•••@")
    shows(agent.post(NEW, given(language="en", subject="")), '<option value="en" selected>English</option>')


def test_looking_on_file_opens_nothing_and_keeps_what_was_typed(agent):
    page = agent.post(NEW, given(to="annahost", find="1"))
    shows(page, "a•••@hosting-client.example", "Planned works", ">On Friday at noon</textarea>")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("role", ["quality", "admin"])
def test_who_may_not_work_tickets_begins_none(role):
    other = signed_in(person("other", role, "first-line"))
    assert other.get(NEW).status_code == 404
    assert other.post(NEW, given()).status_code == 404


def test_the_first_letter_is_taken_back_like_any_other(agent):
    page = agent.post(NEW, given(), follow=True)
    ticket = Ticket.objects.get()
    message = Message.objects.get()
    back = f"/desk/tickets/{ticket.number}/messages/{message.public_id}/withdrawal"
    assert f'action="{back}"' in page.content.decode()
    agent.post(back)
    assert Draft.objects.get().text == "On Friday at noon"


@pytest.mark.django_db(transaction=True)
def test_the_same_form_at_the_same_moment_opens_one_ticket():
    by = actor("agent9", "agent", "first-line")
    what = Opening(
        request_id=uuid.uuid4(), to=Address(HOSTER), person=None, queue="hosting", kind=Kind.QUESTION, subject="s",
        text="t", language="en", our_address=SUPPORT, with_letter=True,
    )  # fmt: skip
    start, opened = threading.Barrier(2), []

    def begin() -> None:
        start.wait()
        opened.append(opening.begin(what, by=by, now=NOW).number)
        connections.close_all()

    both = [threading.Thread(target=begin) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(opened) == 2
    assert len(set(opened)) == 1
    assert OutboundCopy.objects.count() == 1


def test_the_language_of_a_ticket_is_switched_and_the_signature_follows(agent, ticket):
    agent.post("/desk/me/signatures", {"signature_ru": "С уважением, {name}", "signature_en": "Regards, {name}"})
    shows(agent.get("/desk/me/"), "Regards, {name}", "{number}")
    page = agent.get(f"/desk/tickets/{ticket.number}/")
    shows(page, "С уважением, Agent1")
    page = agent.post(f"/desk/tickets/{ticket.number}/language", {"language": "en"}, follow=True)
    shows(page, "Regards, Agent1", "Language: Русский → English")
    assert agent.post(f"/desk/tickets/{ticket.number}/language", {"language": "xx"}).status_code == 404


def test_an_empty_signature_is_removed_and_a_long_one_is_refused(agent):
    agent.post("/desk/me/signatures", {"signature_ru": "Я", "signature_en": ""})
    agent.post("/desk/me/signatures", {"signature_ru": "", "signature_en": ""})
    assert not Signature.objects.exists()
    page = agent.post("/desk/me/signatures", {"signature_ru": "я" * 1001, "signature_en": ""})
    assert page.status_code == 409
    shows(page, "too long", "я" * 1001)


def test_what_is_being_begun_is_kept_and_shown_until_it_is_a_ticket(agent):
    typed = given(language="en", letter="no", version="0", window="w1")
    assert agent.post(f"{NEW}draft", typed).json() == {"version": 1}
    page = agent.get(NEW)
    shows(page, HOSTER, "Planned works", "On Friday at noon", "This is what you had begun.", 'name="version" value="1"')
    shows(page, 'name="letter" value="no" data-kept checked', '<option value="en" selected>')
    other = signed_in(person("agent2", "agent", "first-line"))
    assert "Planned works" not in other.get(NEW).content.decode()
    agent.post(NEW, given(letter="no", version="1", window="w1"))
    assert Ticket.objects.count() == 1
    assert not Draft.objects.exists()
    assert "Planned works" not in agent.get(NEW).content.decode()


def test_two_windows_of_a_new_ticket_lose_neither_text(agent):
    agent.post(f"{NEW}draft", given(version="0", window="one"))
    answer = agent.post(f"{NEW}draft", given(text="Another", version="0", window="two"))
    assert (answer.status_code, answer.json()["text"]) == (409, "On Friday at noon")
    assert agent.post(f"{NEW}draft", given(text="Another", version="x")).status_code == 400
    agent.post(NEW, given(text="Third", version="0", window="two"))  # sent by the window that had saved nothing
    assert Draft.objects.get().text == "On Friday at noon"
    agent.post(f"{NEW}draft/removal")
    assert not Draft.objects.exists()


def test_a_refused_new_ticket_keeps_its_draft(agent):
    agent.post(f"{NEW}draft", given(version="0", window="one"))
    assert agent.post(NEW, given(subject="", version="1", window="one")).status_code == 409
    assert Draft.objects.get().text == "On Friday at noon"


def file(name: str = "plan.txt", content: bytes = b"steps") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_files_outlive_a_refusal_and_looking_on_file_and_go_with_the_letter(agent):
    page = agent.post(NEW, given(subject="", files=file()))
    kept = str(Upload.objects.get().public_id)
    shows(page, "Write a subject.", f'name="uploads" value="{kept}" checked')
    page = agent.post(NEW, given(find="1", uploads=[kept], files=file("more.txt")))
    shows(page, kept, "more.txt")
    agent.post(NEW, given(uploads=[kept]))
    assert Attachment.objects.get(message__ticket=Ticket.objects.get()).filename == "plan.txt"
    shows(agent.get(NEW), "This is what you had begun.", "more.txt")
    assert "more.txt" not in agent.get(f"{NEW}?to={HOSTER}").content.decode()


def test_files_sent_at_once_are_kept_with_the_draft_and_taken_away_again(agent):
    sent = agent.post(f"{NEW}files", {"files": [file(), file("two.txt")]}).json()["uploads"]
    shows(agent.get(NEW), "This is what you had begun.", *(each["public_id"] for each in sent))
    agent.post(f"{NEW}files/{sent[0]['public_id']}/removal")
    assert sent[0]["public_id"] not in agent.get(NEW).content.decode()
    agent.post(f"{NEW}draft/removal")
    assert not Upload.objects.exists()


def test_too_large_a_file_is_told_and_the_others_are_kept(agent, settings):
    settings.MAX_ATTACHMENT_BYTES = 10
    page = agent.post(NEW, given(files=[file(), file("large.txt", b"x" * 11)]))
    shows(page, "plan.txt")
    assert (page.status_code, Ticket.objects.count()) == (409, 0)


def test_a_file_of_somebody_else_is_neither_shown_nor_sent(agent):
    other = signed_in(person("agent2", "agent", "first-line"))
    theirs = other.post(f"{NEW}files", {"files": file()}).json()["uploads"][0]["public_id"]
    assert theirs not in agent.get(NEW).content.decode()
    agent.post(f"{NEW}files/{theirs}/removal")
    agent.post(NEW, given(uploads=[theirs]))
    assert Upload.objects.get().filename == "plan.txt"
    assert not Attachment.objects.exists()


def test_a_form_sent_twice_leaves_no_file_for_the_next(agent):
    form = given()
    for _ in range(2):
        agent.post(NEW, form | {"files": file()})
    assert (Ticket.objects.count(), Attachment.objects.count(), Upload.objects.count()) == (1, 1, 0)


@pytest.mark.parametrize("role", ["quality", "admin"])
def test_who_begins_no_tickets_brings_no_files(role):
    other = signed_in(person("other", role, "first-line"))
    assert other.post(f"{NEW}files", {"files": file()}).status_code == 404


@pytest.mark.parametrize("role", ["quality"])
def test_who_begins_no_tickets_keeps_no_draft_of_one(role):
    client = signed_in(person(role, role))
    assert client.post(f"{NEW}draft", given(version="0")).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_new_ticket_is_on_the_server_a_few_seconds_after_typing_and_back_after_reloading(browser, live_server):
    person("agent1", "agent", "first-line")
    page = browser.new_page(locale="en-GB")
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}{NEW}")
    page.fill("#to", HOSTER)
    page.fill("#subject", "Planned works")
    page.check("[name=letter][value=no]")
    page.set_input_files("#files", {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"steps"})
    page.wait_for_selector("[data-files] .att:has-text('plan.txt')")
    page.fill("#text", "On Friday")
    page.wait_for_selector("[data-saved]:has-text('Draft saved')")
    page.reload()
    assert [page.input_value(f"#{name}") for name in ("to", "subject", "text")] == [
        HOSTER,
        "Planned works",
        "On Friday",
    ]
    assert page.is_checked("[name=letter][value=no]")
    assert page.inner_text("[data-files] .att b") == "plan.txt"
    page.context.set_offline(True)
    page.fill("#text", "On Friday at noon")
    page.wait_for_selector("[data-saved]:has-text('Draft kept in this browser')")
    page.context.set_offline(False)
    page.reload()
    assert page.input_value("#text") == "On Friday at noon"
