"""Who takes part in a request: taken in and sent away in the panel, told to all whom it concerns."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from assurance.models import AccountLetter
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactPoint, ContactRole
from tests.cast import ANNA, BORIS, NOW
from tests.panel.conftest import PASSWORD, shows, signed_in
from tests.panel.test_panel import asked
from tests.tickets.trust import an_agent
from tickets.contracts import Address
from tickets.enums import Direction, Disposition, NumberSource
from tickets.models import Message, Participant, Ticket
from tickets.services import calls, conversation, merging, participants
from tickets.services.calls import NewCall
from tickets.services.promises import Promised
from users.models import User

BILLING, TECHNICAL = "billing@hosting-client.example", "technical@hosting-client.example"
STRANGER = "hoster@partner.example"


def colleague(account: Account, role: str) -> Contact:
    email = f"{role}@hosting-client.example"
    contact = Contact.objects.create(given_name=role.title(), user=User.objects.create_user(email, PASSWORD))
    ContactRole.objects.create(account=account, contact=contact, role=role)
    ContactPoint.objects.create(account=account, contact=contact, kind="email", value=email, on_file_since=NOW)
    return contact


@pytest.fixture
def ticket(client: Client) -> Ticket:
    asked(client)
    return Ticket.objects.get()


@pytest.fixture
def page(ticket: Ticket) -> str:
    return f"/panel/tickets/{ticket.public_id}/"


@pytest.fixture
def billing(account: Account) -> Client:
    colleague(account, "billing")
    return signed_in(BILLING)


def letters_to(email: str) -> int:
    return AccountLetter.objects.filter(email=email).count()


def long_ago(ticket: Ticket) -> None:
    """What was said so far was said yesterday."""
    Message.objects.filter(ticket=ticket).update(created_at=read_clock() - timedelta(days=1))


def test_a_contact_on_file_sees_the_request_from_his_day_on(client, billing, ticket, page):
    long_ago(ticket)
    assert billing.get(page).status_code == 404
    who = Contact.objects.get(given_name="Billing")
    shows(client.get(page), "Somebody of the account", "Billing")
    answer = client.post(f"{page}participants", {"contact": who.pk, "may_reply": "1"}, follow=True)
    shows(answer, "Nothing that was said before", "reads", "answers")
    conversation.reply(ticket.number, by=an_agent(), text="Новый счёт готов", now=read_clock() - timedelta(seconds=20))
    assert ticket.subject in billing.get("/panel/?all=1").content.decode()
    seen = billing.get(page)
    shows(seen, "You have taken part since")
    for before in ("С утра не открывается", "Открыть сайт"):
        assert before not in seen.content.decode()
        shows(client.get(page), before)
    assert letters_to(ANNA) == 1
    assert letters_to(BILLING) == 0


def test_what_he_writes_is_an_answer_if_he_may_and_else_waits(client, billing, ticket, page):
    who = Contact.objects.get(given_name="Billing")
    for may_reply, held in (("1", "accepted"), ("", "waiting")):
        client.post(f"{page}participants", {"contact": who.pk, "may_reply": may_reply})
        shows(billing.post(f"{page}answers", written(may_reply or "0"), follow=True), "Your answer is with us.")
        assert Message.objects.latest("id").held == held
        client.post(f"{page}participants/{Participant.objects.get(contact=who).pk}/removal")
    assert Ticket.objects.get().held_count == 1


def written(text: str) -> dict[str, str]:
    return {"request_id": str(uuid4()), "text": text}


def test_he_neither_closes_the_request_nor_invites_others(client, billing, ticket, page):
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk, "may_reply": "1"})
    assert billing.get(page).status_code == 200
    for noun in ("closing", "reopening", "participants", f"participants/{Participant.objects.latest('id').pk}/removal"):
        assert billing.post(page + noun, {"email": BORIS}).status_code == 404
    assert Ticket.objects.get().status == "new"


def test_an_address_takes_part_by_mail_and_a_technical_contact_invites_nobody(client, account, ticket, page):
    client.post(f"{page}participants", {"email": STRANGER})
    person = Participant.objects.get(email=STRANGER)
    assert (person.may_reply, person.contact, person.added_by) == (False, None, f"contact:{ticket.contact_id}")
    colleague(account, "technical")
    other = signed_in(TECHNICAL)
    shows(other.get(page), STRANGER)
    assert "Add somebody" not in other.get(page).content.decode()
    assert other.post(f"{page}participants", {"email": BORIS}).status_code == 404


def test_removal_is_told_and_he_gets_nothing_more(client, billing, ticket, page):
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk})
    person = Participant.objects.get(email=BILLING)
    shows(client.post(f"{page}participants/{person.pk}/removal", follow=True), "gets nothing more")
    assert billing.get(page).status_code == 404
    assert letters_to(ANNA) == 2
    said = conversation.reply(ticket.number, by=an_agent(), text="Готово", now=read_clock())
    assert said.recipients == {"to": [ANNA], "cc": []}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "nobody"}, "not an address"),
        ({"email": ""}, "not an address"),
        ({"email": ANNA}, "takes part already"),
        ({"contact": "999999"}, "Choose somebody of the list"),
        ({"contact": "x"}, "Choose somebody of the list"),
        ({"contact": "1", "email": BORIS}, "not both"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, ticket, page, typed, words):
    answer = client.post(f"{page}participants", typed | {"may_reply": "1"})
    assert answer.status_code == 400
    shows(answer, words, 'value="1" checked', f'value="{typed.get("email", "")}"')
    assert Participant.objects.count() == 1


def test_who_lost_his_roles_sees_no_request_he_takes_part_in(client, billing, ticket, page):
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk})
    assert billing.get(page).status_code == 200
    ContactRole.objects.filter(role="billing").delete()
    assert billing.get(page).status_code == 404


def test_what_came_by_a_merge_is_no_participants(client, billing, ticket, page):
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk})
    asked(client, text="Тайна второй заявки")
    other = Ticket.objects.exclude(pk=ticket.pk).get()
    merging.merge(other.number, ticket.number, by=an_agent(), now=read_clock())
    shows(client.get(page), "Тайна второй заявки")
    assert "Тайна второй заявки" not in billing.get(page).content.decode()


def test_neither_is_what_was_promised_asked_and_spoken_of_there(client, billing, ticket, page):
    client.post(f"{page}participants", {"contact": Contact.objects.get(given_name="Billing").pk})
    asked(client)
    other, by, now = Ticket.objects.exclude(pk=ticket.pk).get(), an_agent(), read_clock()
    promised = Promised(now + timedelta(days=1), "Тайное обещание")
    conversation.reply(other.number, by=by, text="Да", promised=promised, asks="- Тайный вопрос", now=now)
    Message.objects.update(leaves_at=None)
    said = NewCall(
        request_id=uuid4(), direction=Direction.INBOUND, number="", number_source=NumberSource.SHOWN, caller=None,
        caller_name="Анна", subject="", words="x", language="ru", ticket=other.number,
    )  # fmt: skip
    call = calls.register(said, by=by, now=now)
    calls.close(
        call.number,
        Disposition.SOLVED,
        summary="Тайный разговор",
        is_for_customer=True,
        call_back_by=None,
        by=by,
        now=now,
    )
    merging.merge(other.number, ticket.number, by=by, now=now)
    secrets = ("Тайное обещание", "Тайный вопрос", "Тайный разговор")
    shows(client.get(page), *secrets)
    shown = billing.get(page).content.decode()
    assert [each for each in secrets if each in shown] == []


def test_the_page_costs_a_participant_two_queries_more(client, billing, ticket, page, django_assert_max_num_queries):
    participants.add(ticket.number, Address(BILLING), may_reply=True, by=an_agent(), now=read_clock())
    with django_assert_max_num_queries(11):
        billing.get(page)
