"""What is asked of a customer is a list: ticked off in the panel or by hand, once, in one message."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections, transaction

from core.trust import Fact, FactKind
from customers.actor import Customer
from customers.models import Account, Contact, ContactRole
from customers.queries import customer_at
from events.models import Event
from staff.actor import Actor
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.contracts import StoredFile, Typed
from tickets.enums import AskKind, Status
from tickets.models import Attachment, ChecklistItem, Clock, Message, OutboundCopy, Ticket
from tickets.policies import lifecycle
from tickets.policies.checklist import Asked, Ticked, asked_in, is_answered, told
from tickets.policies.plain_state import PlainState
from tickets.queries import ticket_page
from tickets.queries.customer import customer_ticket
from tickets.queries.customer_lists import tickets_of
from tickets.queries.owed import Owed, owed
from tickets.queries.pack import pack_of
from tickets.services import checklists, conversation, customer_side, erasing, merging
from tickets.services import lifecycle as lifecycle_services
from tickets.services.checklists import Tick
from tickets.services.intake import receive
from tickets.services.refused import Refused
from users.models import User

SOON = NOW + timedelta(minutes=5)
LATER = SOON + timedelta(minutes=1)
ASKS = "Шаг, на котором ошибка\n2) Снимок экрана [файл]\n- Отключите модуль [done]"


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    account = anna()
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, "demo-helpdesk")
    contact.save()
    ContactRole.objects.create(account=account, contact=contact, role="owner")
    return opened()


def opened(**more) -> Ticket:
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA), **more), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket) -> Actor:
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def her(ticket) -> Customer:
    return customer_at(Contact.objects.get(given_name="Анна").pk)


def ask(ticket, agent, asks=ASKS, now=SOON) -> Message:
    return conversation.reply(ticket.number, by=agent, text="Нужны данные", asks=asks, now=now)


def items() -> list[str]:
    return [str(pk) for pk in ChecklistItem.objects.order_by("message_id", "place").values_list("public_id", flat=True)]


def tick(her, ticket, *ticks, text="", now=LATER, request_id=None) -> Message:
    facts = (Fact(FactKind.PANEL_SESSION, "may_authorise", her.key),)
    typed = Typed(request_id=request_id or uuid.uuid4(), text=text, facts=facts)
    return customer_side.answer(her, ticket.public_id, typed, ticks=ticks, now=now)


def fresh(ticket) -> Ticket:
    ticket.refresh_from_db()
    return ticket


def a_file(name="shot.png") -> StoredFile:
    return StoredFile(name, "image/png", "0" * 64, 10)


def done() -> list[bool]:
    return [
        at is not None for at in ChecklistItem.objects.order_by("message_id", "place").values_list("done_at", flat=True)
    ]


@pytest.mark.parametrize(
    ("typed", "words", "kind"),
    [
        pytest.param("Номер заказа", "Номер заказа", AskKind.TEXT, id="a line"),
        pytest.param("  - Номер   заказа ", "Номер заказа", AskKind.TEXT, id="a bullet and spaces"),
        pytest.param("12) Номер", "Номер", AskKind.TEXT, id="a number"),
        pytest.param("3.5 ГБ памяти хватает?", "3.5 ГБ памяти хватает?", AskKind.TEXT, id="a figure is no number"),
        pytest.param("Screenshot [file]", "Screenshot", AskKind.FILE, id="a file"),
        pytest.param("Снимок [ФАЙЛ]", "Снимок", AskKind.FILE, id="a file in Russian"),
        pytest.param("Отключите модуль [сделать]", "Отключите модуль", AskKind.DONE, id="a deed"),
        pytest.param("What is in [error] ", "What is in [error]", AskKind.TEXT, id="other brackets are words"),
        pytest.param("[file]", "[file]", AskKind.TEXT, id="a mark alone is words"),
    ],
)
def test_a_line_becomes_a_thing_asked_for(typed, words, kind):
    assert asked_in(f"\n{typed}\n - \n") == (Asked(words, kind),)


@pytest.mark.parametrize(
    ("kind", "given", "answers"),
    [
        pytest.param(AskKind.TEXT, {"words": " x "}, True, id="words answer a question"),
        pytest.param(AskKind.TEXT, {"has_files": True}, True, id="so does a file"),
        pytest.param(AskKind.TEXT, {"words": "  ", "is_done": True}, False, id="a tick does not"),
        pytest.param(AskKind.FILE, {"words": "x", "is_done": True}, False, id="nothing but a file is a file"),
        pytest.param(AskKind.FILE, {"has_files": True}, True, id="a file is one"),
        pytest.param(AskKind.DONE, {"is_done": True}, True, id="a deed is ticked"),
        pytest.param(AskKind.DONE, {"words": "x", "has_files": True}, False, id="words are no deed"),
    ],
)
def test_what_counts_as_an_answer(kind, given, answers):
    assert is_answered(kind, **({"words": "", "has_files": False, "is_done": False} | given)) is answers


def test_the_message_of_the_customer_says_what_was_answered():
    ticked = [Ticked(1, "Шаг?", " Оплата "), Ticked(2, "Снимок", filenames=("a.png", "b.png")), Ticked(4, "Отключите")]
    assert told(ticked, " И ещё ") == "1. Шаг?\nОплата\n\n2. Снимок\na.png\nb.png\n\n4. Отключите\n✓\n\nИ ещё"
    assert told([], " Привет ") == "Привет"


@pytest.mark.parametrize("status", list(Status))
def test_asking_waits_for_the_customer_wherever_waiting_is_a_move(status):
    after = lifecycle.after_we_asked(status)
    replied = lifecycle.after_we_replied(status)
    assert after is (Status.WAITING_CUSTOMER if Status.WAITING_CUSTOMER in lifecycle.MOVES[replied] else replied)


@pytest.mark.parametrize("status", list(Status))
def test_the_last_tick_is_an_answer_like_any_other(status):
    assert lifecycle.after_customer_ticked(status, left=0) is lifecycle.after_customer_wrote(status)
    waits = status is Status.WAITING_CUSTOMER
    assert lifecycle.after_customer_ticked(status, left=1) is (
        status if waits else lifecycle.after_customer_wrote(status)
    )


def test_a_reply_asks_and_its_letter_numbers_the_things(ticket, agent):
    message = ask(ticket, agent)
    assert [(i.place, i.words, i.kind) for i in ChecklistItem.objects.order_by("place")] == [
        (1, "Шаг, на котором ошибка", "text"), (2, "Снимок экрана", "file"), (3, "Отключите модуль", "done"),
    ]  # fmt: skip
    lines = "Нам нужно от вас:\n1. Шаг, на котором ошибка\n2. Снимок экрана\n3. Отключите модуль\n"
    assert lines in message.text
    assert f"/panel/tickets/{ticket.public_id}/#checklist" in message.text
    assert fresh(ticket).status == Status.WAITING_CUSTOMER
    assert Event.objects.filter(type="ChecklistAsked").count() == 1


def test_who_cannot_sign_in_gets_the_list_without_a_link(ticket, agent):
    Contact.objects.update(user=None)
    message = ask(ticket, agent)
    assert "3. Отключите модуль" in message.text
    assert "/panel/" not in message.text


@pytest.mark.parametrize(
    ("asks", "code"),
    [
        pytest.param("\n".join(f"№ {n}" for n in range(21)), "ask_too_many", id="a questionnaire"),
        pytest.param("x" * 301, "ask_too_long", id="a novel"),
    ],
)
def test_a_list_that_cannot_be_sends_no_reply(ticket, agent, asks, code):
    with pytest.raises(Refused, match=code):
        ask(ticket, agent, asks)
    assert not ChecklistItem.objects.exists()
    assert not OutboundCopy.objects.filter(message__author="agent").exists()


def test_the_undo_of_the_reply_takes_the_list_back(ticket, agent):
    message = ask(ticket, agent)
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    assert not ChecklistItem.objects.exists()
    assert fresh(ticket).status == Status.NEW
    draft = ticket_page(agent, ticket.number, now=SOON).drafts["reply"]
    assert (draft.text, draft.beside["asks"]) == ("Нужны данные", ASKS)


def test_what_was_answered_cannot_be_taken_back(ticket, agent, her):
    message = ask(ticket, agent)
    tick(her, ticket, Tick(items()[0], "Оплата"))
    with pytest.raises(Refused, match="already_left"):
        conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=LATER)


def test_nothing_is_asked_while_the_reply_can_be_taken_back(ticket, agent, her):
    ask(ticket, agent)
    assert customer_ticket(her, ticket.public_id, now=SOON).checklist == ()
    assert owed(her, [ticket.pk], now=SOON) == {}
    with pytest.raises(NotVisible):
        tick(her, ticket, Tick(items()[0], "Оплата"), now=SOON)
    assert len(customer_ticket(her, ticket.public_id, now=LATER).checklist) == 3
    assert owed(her, [ticket.pk], now=LATER) == {ticket.pk: Owed(missing=3, asked=3)}


def told_to(her, ticket, *, now) -> set[tuple[str, str]]:
    """State and status, in the list and on the page."""
    rows = tickets_of(her, states=[PlainState.YOURS, PlainState.WORKING], now=now).rows
    shown = [*rows, customer_ticket(her, ticket.public_id, now=now)]
    assert len(shown) == 2
    return {(each.state.value, each.status) for each in shown}


def test_that_we_wait_for_the_customer_is_told_when_he_can_read_for_what(ticket, agent, her, django_assert_num_queries):
    assert told_to(her, ticket, now=SOON) == {("working", "new")}
    ask(ticket, agent)
    assert told_to(her, ticket, now=SOON) == {("working", "new")}
    assert told_to(her, ticket, now=LATER) == {("yours", "waiting_customer")}
    with django_assert_num_queries(1):
        tickets_of(her, now=SOON)


def test_so_it_is_when_an_agent_waits_by_hand_after_he_replied(ticket, agent, her):
    conversation.reply(ticket.number, by=agent, text="Пришлите, пожалуйста", now=SOON)
    lifecycle_services.change_status(ticket.number, Status.WAITING_CUSTOMER, by=agent, now=SOON)
    assert told_to(her, ticket, now=SOON) == {("working", "new")}
    assert told_to(her, ticket, now=LATER) == {("yours", "waiting_customer")}


def test_a_reply_taken_back_was_never_waited_for(ticket, agent, her):
    message = ask(ticket, agent)
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    assert told_to(her, ticket, now=SOON) == {("working", "new")}


def test_what_the_customer_does_meanwhile_he_sees_at_once(ticket, agent, her):
    ask(ticket, agent)
    tick(her, ticket, text="Ещё вот что", now=SOON)
    assert told_to(her, ticket, now=SOON) == {("working", "open")}
    customer_side.close(her, ticket.public_id, now=SOON)
    assert customer_ticket(her, ticket.public_id, now=SOON).state is PlainState.DONE


def test_a_part_of_the_answers_is_one_message_and_the_clock_goes_on_waiting(ticket, agent, her):
    ask(ticket, agent)
    step, shot, _module = items()
    message = tick(her, ticket, Tick(shot, files=(a_file(),)), Tick(step, "Оплата"))
    assert message.text == "1. Шаг, на котором ошибка\nОплата\n\n2. Снимок экрана\nshot.png"
    assert (message.author, message.level) == ("requester", 4)
    assert Attachment.objects.get(message=message).filename == "shot.png"
    assert done() == [True, True, False]
    assert ChecklistItem.objects.filter(answer=message, done_by=her.key).count() == 2
    assert (fresh(ticket).status, ticket.is_unread) == (Status.WAITING_CUSTOMER, True)
    assert not Clock.objects.filter(ticket=ticket, is_open=True).exists()
    assert owed(her, [ticket.pk], now=LATER) == {ticket.pk: Owed(missing=1, asked=3)}


def test_the_last_answer_brings_the_ticket_back_to_work(ticket, agent, her):
    ask(ticket, agent)
    tick(her, ticket, *(Tick(item, "да") for item in items()))
    assert fresh(ticket).status == Status.OPEN
    assert Clock.objects.get(ticket=ticket, is_open=True).metric == "next_response"
    assert owed(her, [ticket.pk], now=LATER) == {}


def test_words_beside_the_list_are_an_answer_that_somebody_must_read(ticket, agent, her):
    ask(ticket, agent)
    message = tick(her, ticket, Tick(items()[0], "Оплата"), text="А когда почините?")
    assert message.text.endswith("Оплата\n\nА когда почините?")
    assert fresh(ticket).status == Status.OPEN


def test_the_same_form_twice_is_one_message(ticket, agent, her):
    ask(ticket, agent)
    request_id = uuid.uuid4()
    one, two = (tick(her, ticket, Tick(items()[0], "Оплата"), request_id=request_id) for _ in range(2))
    assert one == two
    assert Message.objects.filter(raw_id=str(request_id)).count() == 1


def test_a_thing_is_ticked_off_once(ticket, agent, her):
    ask(ticket, agent)
    first = tick(her, ticket, Tick(items()[0], "Оплата"))
    with pytest.raises(Refused, match="ticked_already"):
        tick(her, ticket, Tick(items()[0], "Доставка"), Tick(items()[1], files=(a_file(),)))
    assert ChecklistItem.objects.get(place=1).answer == first
    assert done() == [True, False, False]


def test_a_closed_ticket_takes_no_ticks(ticket, agent, her):
    ask(ticket, agent)
    customer_side.close(her, ticket.public_id, now=LATER)
    with pytest.raises(Refused, match="ticks_closed"):
        tick(her, ticket, Tick(items()[0], "Оплата"))
    assert customer_ticket(her, ticket.public_id, now=LATER).missing == ()
    assert done() == [False, False, False]


def test_an_item_of_another_ticket_or_customer_does_not_exist(ticket, agent, her):
    other = opened(subject="Другое")
    ask(ticket, agent)
    with pytest.raises(NotVisible):
        tick(her, other, Tick(items()[0], "Оплата"))
    stranger = Account.objects.create(kind="person", name="Boris", login="boris")
    boris = Contact.objects.create(given_name="Boris")
    ContactRole.objects.create(account=stranger, contact=boris, role="owner")
    for item in (items()[0], str(uuid.uuid4()), "1 OR 1=1"):
        with pytest.raises(NotVisible):
            tick(customer_at(boris.pk), ticket, Tick(item, "Оплата"))
        if item != items()[0]:
            with pytest.raises(NotVisible):
                tick(her, ticket, Tick(item, "Оплата"))
    assert done() == [False, False, False]


def test_secrets_in_an_answer_are_taken_out_of_the_words(ticket, agent, her):
    ask(ticket, agent, "Что не подходит?")
    message = tick(her, ticket, Tick(items()[0], "пароль: Tr0ub4dor&3x"))
    assert "Tr0ub4dor" not in message.text
    assert "Tr0ub4dor" not in Message.objects.get(pk=message.pk).text


def test_an_agent_ticks_off_what_came_by_mail(ticket, agent):
    ask(ticket, agent)
    first = Message.objects.get(ticket=ticket, author="requester")
    checklists.tick_by_hand(ticket.number, items()[1], answer=str(first.public_id), by=agent, now=LATER)
    checklists.tick_by_hand(ticket.number, items()[2], answer="", by=agent, now=LATER)
    assert list(ChecklistItem.objects.order_by("place").values_list("done_by", "answer")) == [
        ("", None), (agent.key, first.pk), (agent.key, None),
    ]  # fmt: skip
    with pytest.raises(Refused, match="ticked_already"):
        checklists.tick_by_hand(ticket.number, items()[1], answer="", by=agent, now=LATER)
    for answer in (str(Message.objects.get(author="agent").public_id), str(uuid.uuid4()), "x"):
        with pytest.raises(Refused, match="no_such_message"):
            checklists.tick_by_hand(ticket.number, items()[0], answer=answer, by=agent, now=LATER)
    assert Event.objects.filter(type="ChecklistAnswered", actor=agent.key).count() == 2


def test_who_may_not_reply_ticks_nothing_off(ticket, agent):
    ask(ticket, agent)
    for role, team in (("quality", "first-line"), ("agent", "specialists"), ("admin", "first-line")):
        with pytest.raises(NotVisible):
            checklists.tick_by_hand(
                ticket.number, items()[0], answer="", by=actor(f"{role}{team}", role, team), now=SOON
            )
    other = opened(subject="Другое")
    with pytest.raises(Refused, match="ticked_already"):
        checklists.tick_by_hand(other.number, items()[0], answer="", by=agent, now=SOON)


def test_the_list_goes_with_its_letter_into_another_ticket_and_back(ticket, agent, her):
    other = opened(subject="Ещё об этом", text="Опять")
    ask(other, agent)
    merging.merge(other.number, ticket.number, by=agent, now=LATER)
    assert len(ticket_page(agent, ticket.number, now=LATER).checklist) == 3
    tick(her, other, Tick(items()[0], "Оплата"))  # by the old address
    assert customer_ticket(her, ticket.public_id, now=LATER).checklist[0].done_at
    merging.unmerge(other.number, by=agent, now=LATER)
    assert ticket_page(agent, ticket.number, now=LATER).checklist == ()
    assert ticket_page(agent, other.number, now=LATER).asked_count == 2


def test_the_pack_has_it_and_erasing_takes_the_words_only(ticket, agent):
    lead = actor("lead", "lead", "first-line")
    ask(ticket, agent)
    assert [row["words"] for row in pack_of(lead, ticket.number)["checklist"]][2] == "Отключите модуль"
    with transaction.atomic():
        erasing.erase_words([ticket.pk], act=1, by="staff:1", now=LATER)
    assert [row["words"] for row in pack_of(lead, ticket.number)["checklist"]] == ["", "", ""]


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_the_same_at_once_answer_it_once(ticket, agent, her):
    ask(ticket, agent)
    item, ends = items()[0], []
    start = threading.Barrier(2, timeout=30)

    def run(words: str) -> None:
        start.wait()
        try:
            ends.append(tick(her, ticket, Tick(item, words)).pk)
        except Refused as refusal:
            ends.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(words,)) for words in ("Оплата", "Доставка")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (message,) = [end for end in ends if end != "ticked_already"]
    assert len(ends) == 2
    assert ChecklistItem.objects.get(public_id=item).answer_id == message
    assert Message.objects.filter(ticket=ticket, direction="in").count() == 2
