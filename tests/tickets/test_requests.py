"""A ticket opened by typed words, and what its customer does with it in the panel."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assurance.models import Evidence
from core.trust import Fact, FactKind, Level
from customers.actor import Customer
from customers.models import Account, Contact, ContactRole
from customers.queries import customer_at
from events.models import Delivery, Event
from events.worker import drain
from tests.cast import ANNA, BORIS, NOW, SUPPORT, anna, desk, letter, origin, person, vouched
from tickets.access import NotVisible
from tickets.contracts import NewRequest, Typed
from tickets.enums import Kind
from tickets.models import AutoReply, Clock, IssuedNumber, Message, Note, Ticket
from tickets.queries.customer import customer_ticket, requesters_ticket
from tickets.queries.customer_lists import similar_to, tickets_of
from tickets.services import customer_side
from tickets.services.intake import receive
from tickets.services.refused import Refused
from tickets.services.requests import open_request
from tickets.services.uploads import stored

pytestmark = pytest.mark.django_db
SIGNED_IN = (Fact(FactKind.PANEL_SESSION, "may_authorise"),)


def a_request(**more: Any) -> NewRequest:
    defaults: dict[str, Any] = {
        "request_id": uuid4(),
        "door": "form",
        "queue": "hosting",
        "our_address": SUPPORT,
        "kind": Kind.INCIDENT,
        "subject": "Сайт отдаёт 502",
        "text": "С утра не открывается",
        "name": "Анна",
        "email": ANNA,
        "language": "ru",
    }
    return NewRequest(**(defaults | more))


def customer(account: Account, *roles: str, name: str = "Анна") -> Customer:
    contact = Contact.objects.create(given_name=name) if name != "Анна" else Contact.objects.get(given_name="Анна")
    for role in roles:
        ContactRole.objects.create(account=account, contact=contact, role=role)
    found = customer_at(contact.pk)
    assert found
    return found


def of_the_panel(someone: Customer, account: Account, **more: Any) -> NewRequest:
    return a_request(door="panel", contact_id=someone.contact_id, account_id=account.pk, facts=SIGNED_IN, **more)


def test_a_typed_request_is_a_ticket_with_its_clock_claims_and_number() -> None:
    desk()
    account = anna()
    asked = a_request(
        details=[("steps", "Открыть сайт")], contract="н 100001", phone="8 800 000", files=[stored("log.txt", b"502")]
    )
    opened = open_request(asked, now=NOW)
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    assert (ticket.number, ticket.level, ticket.account_id, ticket.contact_id) == (
        opened.number, int(Level.CLAIMED), account.pk, None,
    )  # fmt: skip
    assert ticket.details == [["steps", "Открыть сайт"]]
    assert IssuedNumber.objects.filter(number=opened.number).exists()
    assert Clock.objects.get(ticket=ticket).due_at == ticket.due_at
    assert {c.kind for c in ticket.claims.all()} == {"email", "contract", "phone"}
    message = Message.objects.get(ticket=ticket)
    assert (message.reasons, message.attachments.get().filename) == (["address_typed"], "log.txt")
    assert [e.type for e in Event.objects.filter(stream=f"ticket:{ticket.pk}").order_by("sequence")] == [
        "TicketOpened", "RequestFiled",
    ]  # fmt: skip


def test_the_number_follows_by_mail_once_and_says_nothing_of_what_an_unproven_writer_typed() -> None:
    desk()
    opened = open_request(a_request(email="stranger@elsewhere.example", subject="Выиграй миллион"), now=NOW)
    drain(lambda: NOW)
    told = AutoReply.objects.get(ticket_id=opened.ticket_id)
    assert told.form == "number_only"
    assert told.message is not None
    assert "миллион" not in told.message.text + told.message.subject
    Delivery.objects.filter(subscriber="number").update(state="pending")
    drain(lambda: NOW)
    assert Message.objects.filter(ticket_id=opened.ticket_id, author="system").count() == 1


def test_a_desk_without_an_address_says_why_no_letter_went_out() -> None:
    desk()
    opened = open_request(a_request(our_address=""), now=NOW)
    drain(lambda: NOW)
    assert AutoReply.objects.get(ticket_id=opened.ticket_id).reason == "no_address_of_ours"


def test_a_request_sent_twice_opens_one_ticket() -> None:
    desk()
    asked = a_request()
    first, second = open_request(asked, now=NOW), open_request(asked, now=NOW)
    assert (first.is_new, second.is_new, second.number) == (True, False, first.number)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"subject": " "}, "no_subject"), ({"text": "\n"}, "empty_text"), ({"queue": "nowhere"}, "no_such_queue")],
)
def test_what_cannot_be_filed_is_refused_with_its_reason(wrong: dict[str, str], code: str) -> None:
    desk()
    with pytest.raises(Refused) as refused:
        open_request(a_request(**wrong), now=NOW)
    assert refused.value.args[0] == code
    assert not IssuedNumber.objects.exists()


def test_words_of_a_signed_in_contact_carry_the_level_of_his_role() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    opened = open_request(of_the_panel(owner, account), now=NOW)
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    assert (ticket.level, ticket.contact_id) == (int(Level.AUTHORISED), owner.contact_id)
    assert Evidence.objects.get(ticket=ticket).kind == "panel_session"
    asks = a_request(door="api", account_id=account.pk, facts=[Fact(FactKind.API_CLAIM, "may_ask")])
    assert Ticket.objects.get(pk=open_request(asks, now=NOW).ticket_id).level == int(Level.RECOGNISED)


def test_opening_for_a_known_account_costs_two_statements() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    open_request(of_the_panel(owner, account), now=NOW)
    with CaptureQueriesContext(connection) as asked:
        open_request(of_the_panel(owner, account, files=[stored("a.txt", b"a")]), now=NOW)
    inside = [q for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(inside) == 2


def test_a_customer_sees_his_tickets_and_those_of_accounts_where_he_may() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    billing = customer(account, "billing", name="Бухгалтер")
    his = open_request(of_the_panel(owner, account), now=NOW)
    hers = open_request(of_the_panel(billing, account, email=""), now=NOW)
    stranger = customer(Account.objects.create(kind="person", name="Борис"), "owner", name="Борис")
    assert [row.number for row in tickets_of(owner, now=NOW).rows] == [hers.number, his.number]
    assert [row.number for row in tickets_of(billing, now=NOW).rows] == [hers.number]
    assert tickets_of(stranger, now=NOW).rows == ()
    for someone, number in ((billing, his), (stranger, his)):
        with pytest.raises(NotVisible):
            customer_ticket(someone, number.public_id, now=NOW)


def test_a_strangers_letter_about_an_account_is_not_shown_to_it() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    filed = receive(
        letter(BORIS, text="Договор H-100001, мой пароль 123", facts=vouched(BORIS)), origin=origin("r1"), now=NOW
    )
    assert Ticket.objects.get(pk=filed.ticket_id).account_id == account.pk
    assert tickets_of(owner, now=NOW).rows == ()


def test_restricted_and_spam_do_not_exist_for_customers() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    for change in ({"kind": "restricted"}, {"is_spam": True}):
        opened = open_request(of_the_panel(owner, account), now=NOW)
        Ticket.objects.filter(pk=opened.ticket_id).update(**change)
        with pytest.raises(NotVisible):
            customer_ticket(owner, opened.public_id, now=NOW)
    assert tickets_of(owner, now=NOW).rows == ()


def test_the_conversation_shows_no_notes_no_held_letters_and_nothing_that_may_be_taken_back() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    opened = open_request(of_the_panel(owner, account), now=NOW)
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    agent = person("agent", "agent", "first-line")
    Note.objects.create(ticket=ticket, staff=agent, text="между нами", created_at=NOW)
    common: dict[str, Any] = {"ticket": ticket, "created_at": NOW, "message_id": "x@y"}
    Message.objects.create(**common, direction="in", author="other_sender", held="waiting", text="чужой")
    Message.objects.create(**common, direction="out", author="agent", staff=agent, text="ответ", leaves_at=NOW)
    Message.objects.create(
        **common, direction="out", author="agent", text="ещё можно вернуть", leaves_at=NOW.replace(hour=10)
    )
    Message.objects.create(**common, direction="out", author="agent", text="возвращён", withdrawn_at=NOW)
    shown = customer_ticket(owner, opened.public_id, now=NOW)
    assert [item.text for item in shown.items] == ["С утра не открывается", "ответ"]


def test_an_answer_reopens_and_a_colleagues_words_prove_nothing_of_the_requester() -> None:
    desk()
    account = anna()
    owner, technical = customer(account, "owner"), customer(account, "technical", name="Техник")
    opened = open_request(of_the_panel(owner, account), now=NOW)
    customer_side.close(owner, opened.public_id, now=NOW)
    assert customer_ticket(owner, opened.public_id, now=NOW).state == "done"
    typed = Typed(request_id=uuid4(), text="Опять", facts=[Fact(FactKind.PANEL_SESSION, "may_ask")])
    written = customer_side.answer(technical, opened.public_id, typed, now=NOW)
    assert customer_side.answer(technical, opened.public_id, typed, now=NOW).pk == written.pk
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    assert (ticket.status, ticket.is_unread, written.author) == (
        "open" if ticket.status != "new" else "new",
        True,
        "other_sender",
    )
    assert Evidence.objects.filter(ticket=ticket).count() == 1
    customer_side.answer(owner, opened.public_id, replace(typed, request_id=uuid4(), facts=SIGNED_IN), now=NOW)
    assert Evidence.objects.filter(ticket=ticket).count() == 2


def test_closing_stops_the_clock_and_reopening_starts_one() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    opened = open_request(of_the_panel(owner, account), now=NOW)
    customer_side.close(owner, opened.public_id, now=NOW)
    assert not Clock.objects.filter(ticket_id=opened.ticket_id, is_open=True).exists()
    customer_side.reopen(owner, opened.public_id, now=NOW)
    assert Clock.objects.filter(ticket_id=opened.ticket_id, is_open=True).count() == 1
    assert Event.objects.filter(stream=f"ticket:{opened.ticket_id}", actor=owner.key).count() == 2


def test_a_form_sent_to_another_ticket_is_not_answered_with_the_first() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    one, other = (open_request(of_the_panel(owner, account), now=NOW) for _ in range(2))
    typed = Typed(request_id=uuid4(), text="Опять", facts=SIGNED_IN)
    customer_side.answer(owner, one.public_id, typed, now=NOW)
    with pytest.raises(NotVisible):
        customer_side.answer(owner, other.public_id, typed, now=NOW)


def test_who_entered_the_code_of_the_tickets_own_address_may_answer_and_nobody_else() -> None:
    desk()
    opened = open_request(a_request(email=BORIS), now=NOW)

    def typed(address: str) -> Typed:
        return Typed(request_id=uuid4(), text="Да", facts=[Fact(FactKind.ADDRESS_CODE, "entered", address)])

    assert customer_side.answer_with_code(opened.number, typed(BORIS), now=NOW).level == int(Level.VOUCHED)
    with pytest.raises(NotVisible):
        customer_side.answer_with_code(opened.number, typed(ANNA), now=NOW)
    assert len(requesters_ticket(opened.number, BORIS, now=NOW).items) == 2
    with pytest.raises(NotVisible):
        requesters_ticket(opened.number, ANNA, now=NOW)


def test_similar_open_tickets_are_offered_by_their_words() -> None:
    desk()
    account = anna()
    owner = customer(account, "owner")
    first = open_request(of_the_panel(owner, account, subject="Не приходит почта"), now=NOW)
    open_request(of_the_panel(owner, account, subject="Счёт за ноябрь"), now=NOW)
    assert [row.number for row in similar_to(owner, "почта молчит", account_id=account.pk, now=NOW)] == [first.number]
    assert similar_to(owner, "a b c", account_id=account.pk, now=NOW) == ()


def test_an_unknown_ticket_is_not_visible() -> None:
    with pytest.raises(NotVisible):
        customer_ticket(Customer(1, "Кто-то", ""), UUID(int=1), now=NOW)
