"""The public form: what a visitor fills in, sees and gets."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from assurance.models import Evidence
from channels_app import queries, web_form
from channels_app.models import HeldFile, HeldRequest
from channels_app.tasks import forget_ended
from core.clock import now as read_clock
from core.models import LimitCount
from ops import recount
from tests import visitors
from tests.cast import ANNA, MALLORY
from tests.channels_app.conftest import loop, sink  # noqa: F401 - the fixtures
from tests.past import gone_by
from tests.visitors import FORM, form, link_in, mails, stamped, visitor
from tests.web.conftest import person, shows, signed_in
from tickets.models import Attachment, IdentityClaim, Message, Ticket
from tickets.numbers import pretty
from web.public.files import MOST_TOGETHER_BYTES

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n0000"


@pytest.fixture(autouse=True)
def _door(_desk) -> None:
    visitors.door()


@pytest.fixture
def letters(sink, settings, tmp_path):  # noqa: F811
    return lambda: mails(sink[0], settings, sink[1], tmp_path)


def test_a_request_has_its_number_on_the_page_and_by_mail(letters):
    page = visitor().post(FORM, form(), follow=True)
    ticket = Ticket.objects.get()
    shows(page, "We have your request", pretty(ticket.number))
    assert (ticket.door, ticket.level, ticket.kind, ticket.requester_email) == ("form", 1, "incident", MALLORY)
    (mail,) = letters()
    assert mail["To"] == MALLORY
    assert pretty(ticket.number) in mail["Subject"]


def test_what_the_kind_asks_travels_with_the_ticket_and_the_version_of_consent():
    said = {"steps": "Opened the site", "error": "502", "often": "always", "change": "not asked of a fault"}
    visitor().post(FORM, form(**said, login="annahost", contract="H-100001", domain="annashop.example"))
    ticket = Ticket.objects.get()
    assert ticket.details == [
        ["steps", "Opened the site"],
        ["error", "502"],
        ["often", "always"],
        ["consent", "2026-11"],
    ]
    claims = set(IdentityClaim.objects.values_list("kind", "value"))
    assert {("login", "annahost"), ("contract", "H-100001"), ("domain", "annashop.example")} <= claims


def test_the_agent_reads_what_was_asked_and_answered():
    visitor().post(FORM, form(error="502 Bad Gateway", often="always"))
    agent = signed_in(person("agent1", "agent", "first-line"))
    shows(
        agent.get(f"/desk/tickets/{Ticket.objects.get().number}/"),
        "Text and code of the error", "502 Bad Gateway", "Every time", "Agreed to the processing", "2026-11",
    )  # fmt: skip


def test_a_slip_in_the_address_is_asked_about_once():
    client, mark = visitor(), stamped()
    shows(
        client.post(FORM, form(stamp=mark, email="orlov@mail.ri")),
        "Did you mean orlov@mail.ru?",
        'value="orlov@mail.ri"',
    )
    client.post(FORM, form(stamp=mark, email="orlov@mail.ri", email_seen="orlov@mail.ri"))
    assert Ticket.objects.get().requester_email == "orlov@mail.ri"


def test_files_come_along_and_their_type_is_judged_by_content():
    files = [SimpleUploadedFile("screen.png", PNG), SimpleUploadedFile("page.png", b"<svg onload=alert(1)>")]
    visitor().post(FORM, form(files=files))
    assert set(Attachment.objects.values_list("filename", "content_type")) == {
        ("screen.png", "image/png"),
        ("page.png", "application/octet-stream"),
    }
    assert not HeldFile.objects.exists()


WRONG = {
    "no subject": ({"subject": " "}, "Say in one sentence"),
    "no words": ({"text": ""}, "Write a few words more"),
    "no address": ({"email": ""}, "Without an address"),
    "two addresses": ({"email": f"{MALLORY}, {ANNA}"}, "One address, please"),
    "no such telephone": ({"phone": "12"}, "not a telephone number"),
    "no consent": ({"consent": ""}, "Without your consent"),
    "no such kind": ({"kind": "restricted"}, "Choose what it is about"),
    "too long": ({"subject": "x" * 201}, "at most 200 characters"),
    "a character that cannot be stored": ({"text": "a\x00b"}, "cannot be stored"),
}


@pytest.mark.parametrize(("typed", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_field_is_told_at_its_place_and_everything_typed_and_uploaded_is_kept(typed, told):
    client, mark = visitor(), stamped()
    said = form(stamp=mark, files=SimpleUploadedFile("screen.png", PNG), name="Mallory Moon", wanted="It works again")
    page = client.post(FORM, said | typed)
    assert page.status_code == 422
    shows(page, "Error:", told, "Mallory Moon", "It works again", "screen.png")
    assert not Ticket.objects.exists()
    kept = [str(file.public_id) for file in HeldFile.objects.all()]
    again = form(stamp=mark, kept=kept)
    client.post(FORM, again)
    assert [file.filename for file in Attachment.objects.all()] == ["screen.png"]


def test_a_file_that_was_unticked_is_gone():
    client, mark = visitor(), stamped()
    client.post(FORM, form(stamp=mark, files=SimpleUploadedFile("screen.png", PNG), subject=""))
    client.post(FORM, form(stamp=mark))
    assert not Attachment.objects.exists()


def test_the_refusal_of_large_files_says_the_limit(settings):
    half = SimpleUploadedFile("a.bin", b"0" * (13 * 1024 * 1024))
    other = SimpleUploadedFile("b.bin", b"1" * (13 * 1024 * 1024))
    page = visitor().post(FORM, form(files=[half, other]))
    shows(page, "at most 25 MB together", "The site answers 502", f'data-too-large="{MOST_TOGETHER_BYTES}"')
    assert not Ticket.objects.exists()


def test_of_a_form_larger_than_can_be_taken_the_words_are_kept():
    page = visitor().post(FORM, form(), headers={"x-files-too-large": "1"})
    assert page.status_code == 422
    shows(page, "at most 25 MB together", "The site answers 502", "Since this morning every page")
    assert not Ticket.objects.exists()


def test_a_double_click_opens_one_ticket():
    said, pages = form(), []

    def click() -> None:
        pages.append(visitor().post(FORM, said, follow=True))
        connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join(30)
    number = pretty(Ticket.objects.get().number)
    for page in pages:
        shows(page, number)


def test_without_javascript_the_mailed_link_sends_what_was_typed(letters):
    client = visitor()
    files = SimpleUploadedFile("screen.png", PNG)
    page = client.post(FORM, form(works=False, steps="Opened the site", files=files), follow=True)
    shows(page, "One more step", MALLORY)
    assert not Ticket.objects.exists()
    (mail,) = letters()
    assert "502" not in mail.as_string()
    link = link_in([mail])
    shows(client.get(link), "The site answers 502", "Since this morning every page", "screen.png")
    assert not Ticket.objects.exists()
    page = client.post(f"{link}sending/", follow=True)
    ticket = Ticket.objects.get()
    shows(page, pretty(ticket.number))
    assert ticket.details[0] == ["steps", "Opened the site"]
    assert [file.filename for file in Attachment.objects.all()] == ["screen.png"]
    assert HeldRequest.objects.get().typed == {}


def test_the_link_used_where_it_was_typed_proves_the_address_and_elsewhere_nothing(letters):
    here, there = visitor(), visitor()
    here.post(FORM, form(works=False))
    here.post(f"{link_in(letters())}sending/")
    here.post(FORM, form(works=False))
    there.post(f"{link_in(letters())}sending/")
    assert list(Message.objects.filter(direction="in").order_by("id").values_list("level", flat=True)) == [2, 1]
    assert set(Evidence.objects.values_list("kind", "level")) == {("address_code", 2), ("form", 1)}


def test_a_link_pressed_twice_shows_the_same_number(letters):
    client = visitor()
    client.post(FORM, form(works=False))
    link = link_in(letters())
    client.post(f"{link}sending/")
    shows(client.post(f"{link}sending/", follow=True), pretty(Ticket.objects.get().number))
    shows(client.get(link, follow=True), pretty(Ticket.objects.get().number))


def test_a_link_of_yesterday_is_told_to_be_void(letters):
    visitor().post(FORM, form(works=False))
    link = link_in(letters())
    HeldRequest.objects.update(created_at=read_clock() - web_form.LINK_LASTS - timedelta(seconds=1))
    page = visitor().get(link)
    assert page.status_code == 404
    shows(page, "This link is not valid")
    gone_by(read_clock())
    assert not HeldRequest.objects.exists()


def test_the_form_reads_in_russian():
    shows(visitor(language="ru").get(FORM), "Задать вопрос", "Одной фразой: что нужно", "Что-то не работает")
    shows(visitor(language="ru").post(FORM, form(email="")), "Ошибка:", "Без адреса мы не сможем ответить")


def test_the_start_page_leads_to_the_form_and_to_the_status():
    shows(visitor().get("/"), 'href="/request/"', 'href="/status/"', "mailto:support@example.com")


def test_a_page_of_yesterday_is_sent_again_as_the_same_request():
    client, request_id = visitor(), uuid.uuid4()
    page = client.post(FORM, form(stamp=stamped(request_id, ago=timedelta(hours=25))))
    shows(page, "open for too long", "The site answers 502")
    client.post(FORM, form(stamp=stamped(request_id)))
    assert Message.objects.get(direction="in").raw_id == str(request_id)


def test_what_visitors_left_is_forgotten():
    client = visitor()
    client.post(FORM, form(works=False, files=SimpleUploadedFile("screen.png", PNG)))
    forget_ended()
    gone_by(read_clock())
    assert HeldRequest.objects.exists()
    assert HeldFile.objects.exists()
    long_ago = read_clock() - timedelta(days=3)
    HeldRequest.objects.update(created_at=long_ago)
    HeldFile.objects.update(created_at=long_ago)
    Session.objects.update(expire_date=long_ago)
    LimitCount.objects.update(until=long_ago)
    forget_ended()
    gone_by(read_clock())
    for left in (HeldRequest, HeldFile, Session, LimitCount):
        assert not left.objects.exists()


def test_files_of_a_request_that_waits_are_missed_and_not_swept():
    visitor().post(FORM, form(works=False, files=SimpleUploadedFile("screen.png", PNG)))
    digest = HeldFile.objects.get().digest
    assert digest in set(queries.promised_files())
    assert digest not in recount.orphans(before=read_clock() + timedelta(hours=1))


def test_the_pages_ask_little_of_the_database(django_assert_max_num_queries):
    client = visitor()
    client.get(FORM)
    with django_assert_max_num_queries(1):  # the look of the desk
        client.get(FORM)
    said = form()
    with django_assert_max_num_queries(38):
        client.post(FORM, said)
