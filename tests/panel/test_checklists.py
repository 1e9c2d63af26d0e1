"""What the desk asks of a customer, answered point by point in the panel, without a script."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.clock import now as read_clock
from customers.models import Contact
from staff.models import StaffProfile
from tests.panel.conftest import shows, signed_in
from tests.panel.test_panel import asked
from tests.panel.test_participants import BILLING, colleague
from tests.tickets.trust import an_agent
from tickets.models import Attachment, ChecklistItem, Message, Participant, Ticket
from tickets.services import conversation

ASKS = "Which step fails?\nA screenshot [file]\nSwitch the module off [done]\nHow often?\nSince when?"


@pytest.fixture
def ticket(client: Client) -> Ticket:
    asked(client)
    ticket = Ticket.objects.get()
    now = read_clock() - timedelta(minutes=1)
    conversation.reply(ticket.number, by=an_agent("agent1"), text="We need more", asks=ASKS, now=now)
    return ticket


@pytest.fixture
def items(ticket) -> list[str]:
    return [str(item.public_id) for item in ChecklistItem.objects.order_by("place")]


def page_of(ticket: Ticket, noun: str = "") -> str:
    return f"/panel/tickets/{ticket.public_id}/{noun}"


def answer(client: Client, ticket: Ticket, **form: object):
    return client.post(page_of(ticket, "answers"), {"request_id": str(uuid4()), "text": ""} | form, follow=True)


def picture(name: str = "shot.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"\x89PNG\r\n\x1a\n1", "image/png")


def done() -> list[int]:
    return list(ChecklistItem.objects.exclude(done_at=None).order_by("place").values_list("place", flat=True))


def test_the_first_page_says_how_much_waits_and_the_ticket_asks_for_it(client, ticket, items):
    shows(client.get("/panel/"), "Waits for you: 5 of 5.", f"{page_of(ticket)}#checklist")
    shows(client.get(page_of(ticket)), 'id="checklist"', *(f"-{item}" for item in items), "we wait for it")


def test_a_part_is_answered_in_one_message_and_the_rest_waits(client, ticket, items):
    form = {f"words-{items[0]}": " Payment ", f"files-{items[1]}": picture(), f"done-{items[2]}": "1"}
    shows(
        answer(client, ticket, **form),
        "Your answer is with us.", "1. Which step fails?", "Payment", "shot.png", "✓", "answered",
    )  # fmt: skip
    message = Message.objects.filter(author="requester").latest("id")
    assert message.text == "1. Which step fails?\nPayment\n\n2. A screenshot\nshot.png\n\n3. Switch the module off\n✓"
    assert Attachment.objects.get(filename="shot.png").message == message
    assert done() == [1, 2, 3]
    ticket.refresh_from_db()
    assert ticket.status == "waiting_customer"
    shows(client.get("/panel/"), "Waits for you: 2 of 5.")
    page = client.get(page_of(ticket)).content.decode()
    assert f"words-{items[0]}" not in page
    assert f"words-{items[3]}" in page


def test_the_last_one_brings_the_ticket_back_to_us(client, ticket, items):
    form = {f"words-{item}": "yes" for item in items if item not in (items[1], items[2])}
    answer(client, ticket, **form, **{f"files-{items[1]}": picture(), f"done-{items[2]}": "1"})
    assert done() == [1, 2, 3, 4, 5]
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert "Waits for you" not in client.get("/panel/").content.decode()


def test_nothing_at_all_is_refused_and_nothing_is_ticked(client, ticket, items):
    page = answer(client, ticket, **{f"words-{items[0]}": "  "})
    assert page.status_code == 400
    shows(page, "Write something first")
    assert done() == []


def test_too_much_is_refused_and_kept(client, ticket, items):
    page = answer(
        client, ticket, **{f"words-{items[0]}": "x" * 2001, f"words-{items[3]}": "always", f"done-{items[2]}": "1"}
    )
    assert page.status_code == 400
    shows(page, "at most 2000 characters", "x" * 2001, "always</textarea>", f'name="done-{items[2]}" value="1" checked')
    big = SimpleUploadedFile("big.bin", b"0" * 13_500_000)
    other = SimpleUploadedFile("other.bin", b"0" * 13_500_000)
    page = answer(
        client, ticket, **{f"files-{items[0]}": big, f"files-{items[1]}": other, f"words-{items[3]}": "always"}
    )
    assert page.status_code == 400
    shows(page, "larger than 25 MB together", "always</textarea>")
    assert done() == []
    assert not Attachment.objects.exists()


def test_files_outlast_a_refusal_each_at_its_own_thing(client, ticket, items):
    form = {"request_id": str(uuid4()), f"words-{items[0]}": "x" * 2001}
    page = answer(client, ticket, **form, **{f"files-{items[1]}": picture()}).content.decode()
    [kept] = re.findall(r'name="kept" value="([^"]+)" checked><b>shot.png', page)
    answer(client, ticket, **form | {f"words-{items[0]}": "Payment", "kept": kept})
    assert done() == [1, 2]
    assert [file.filename for file in Attachment.objects.all()] == ["shot.png"]


def test_a_file_for_what_somebody_else_answered_goes_with_the_words(client, ticket, items):
    form = {"request_id": str(uuid4())}
    answer(client, ticket, **{f"files-{items[1]}": picture()})
    other = SimpleUploadedFile("other.png", b"other")
    page = answer(client, ticket, **form, **{f"files-{items[1]}": other}).content.decode()
    [kept] = re.findall(r'name="kept" value="([^"]+)" checked><b>other.png', page)
    answer(client, ticket, **form, text="Here is mine", kept=kept)
    assert Message.objects.latest("id").text == "Here is mine"
    assert {file.filename for file in Attachment.objects.all()} == {"shot.png", "other.png"}


def test_what_somebody_else_answered_meanwhile_is_not_lost(client, ticket, items):
    answer(client, ticket, **{f"words-{items[0]}": "Payment"})
    page = answer(client, ticket, **{f"words-{items[0]}": "Delivery", f"words-{items[3]}": "always"}, text="And thanks")
    assert page.status_code == 400
    shows(page, "answered meanwhile", "Delivery\n\nAnd thanks</textarea>", "always</textarea>")
    assert done() == [1]


def test_a_closed_request_takes_no_ticks_and_keeps_the_words(client, ticket, items):
    client.post(page_of(ticket, "closing"))
    assert 'id="checklist"' not in client.get(page_of(ticket)).content.decode()
    page = answer(client, ticket, **{f"words-{items[0]}": "Payment"})
    assert page.status_code == 400
    shows(page, "closed meanwhile", "Payment</textarea>")
    assert done() == []


def test_the_ticket_page_asks_as_often_with_a_list(client, ticket, items, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        shows(client.get(page_of(ticket)), "Which step fails?")


def test_who_takes_part_ticks_off_what_was_asked_since_and_only_if_he_answers(client, ticket, items, account):
    colleague(account, "billing")
    billing, who = signed_in(BILLING), Contact.objects.get(given_name="Billing")
    Message.objects.update(created_at=read_clock() - timedelta(hours=1))
    client.post(page_of(ticket, "participants"), {"contact": who.pk, "may_reply": "1"})
    page = billing.get(page_of(ticket)).content.decode()
    assert "Which step fails?" not in page
    assert "Waits for you" not in billing.get("/panel/").content.decode()
    assert answer(billing, ticket, **{f"words-{items[0]}": "Payment"}).status_code == 400
    then = read_clock() - timedelta(seconds=20)
    Participant.objects.filter(contact=who).update(added_at=then)
    agent = StaffProfile.objects.get().actor()
    conversation.reply(ticket.number, by=agent, text="One more", asks="Whose invoice?", now=read_clock())
    Message.objects.filter(leaves_at__isnull=False).update(leaves_at=then)
    item = ChecklistItem.objects.latest("pk")
    Participant.objects.filter(contact=who).update(may_reply=False)
    page = billing.get(page_of(ticket)).content.decode()
    assert f"words-{item.public_id}" not in page
    assert answer(billing, ticket, **{f"words-{item.public_id}": "Ours"}).status_code == 404
    Participant.objects.filter(contact=who).update(may_reply=True)
    shows(answer(billing, ticket, **{f"words-{item.public_id}": "Ours"}), "Your answer is with us.", "Whose invoice?")
    assert done() == [1]
    assert ChecklistItem.objects.get(done_by=f"contact:{who.pk}") == item
