"""A promise is on record: kept, late or withdrawn with a reason, nothing overwritten, the nearest one in its place."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from core.clock import NEVER
from customers.actor import Customer
from customers.models import Contact, ContactRole
from customers.queries import customer_at
from events.models import Event
from staff.actor import Actor
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.enums import BulkAction, Status
from tickets.models import Merge, Message, OutboundCopy, Promise, Ticket
from tickets.policies.promises import PromiseState, kept_by_reply, promise_state, waived_by_closing
from tickets.queries import ticket_page
from tickets.queries.pack import pack_of
from tickets.services import bulk, conversation, customer_side, erasing, lifecycle, merging, promises, spam
from tickets.services.intake import receive
from tickets.services.promises import Ending, Promised
from tickets.services.refused import Refused

SOON = NOW + timedelta(minutes=5)
IN_AN_HOUR = NOW + timedelta(hours=1)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    anna()
    return opened()


def opened(**more) -> Ticket:
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA), **more), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket) -> Actor:
    return actor("agent1", "agent", "first-line")


def make(ticket, agent, due_at=IN_AN_HOUR, words="", now=SOON) -> Promise:
    return promises.make(ticket.number, Promised(due_at, words), by=agent, now=now)


def reply(ticket, agent, now=SOON, **more) -> Message:
    return conversation.reply(ticket.number, by=agent, text="Чиним", now=now, **more)


def fresh(ticket) -> Ticket:
    ticket.refresh_from_db()
    return ticket


def told(ticket) -> list[str]:
    return list(
        Event.objects.filter(stream=f"ticket:{ticket.pk}", type__startswith="Promise")
        .order_by("sequence")
        .values_list("type", flat=True)
    )


@pytest.mark.parametrize(
    ("kept", "withdrawn", "now", "state"),
    [
        pytest.param(None, None, 0, PromiseState.OPEN, id="its time is still to come"),
        pytest.param(None, None, 10, PromiseState.OPEN, id="to the very moment"),
        pytest.param(None, None, 11, PromiseState.LATE, id="its time is over"),
        pytest.param(9, None, 99, PromiseState.KEPT, id="kept in time"),
        pytest.param(11, None, 99, PromiseState.KEPT_LATE, id="kept too late is broken for good"),
        pytest.param(None, 9, 99, PromiseState.WITHDRAWN, id="renegotiated in time"),
        pytest.param(None, 11, 99, PromiseState.WITHDRAWN_LATE, id="withdrawn afterwards is broken"),
    ],
)
def test_what_has_become_of_a_promise(kept, withdrawn, now, state):
    def at(minutes):
        return None if minutes is None else NOW + timedelta(minutes=minutes)

    assert promise_state(at(10), kept_at=at(kept), withdrawn_at=at(withdrawn), now=at(now)) is state


def test_a_promise_is_on_record_and_in_the_queue(ticket, agent):
    make(ticket, agent, words="Позвоним регистратору")
    promise = Promise.objects.get()
    assert (promise.words, promise.is_answer, promise.due_at) == ("Позвоним регистратору", False, IN_AN_HOUR)
    assert (promise.staff_id, promise.made_at, promise.message) == (agent.staff_id, SOON, None)
    assert fresh(ticket).promised_at == ticket.due_at == IN_AN_HOUR, "sooner than the first response is due"
    assert told(ticket) == ["PromiseMade"]


def test_the_soonest_of_several_stands_at_the_ticket(ticket, agent):
    make(ticket, agent, TOMORROW, "Второе")
    first = make(ticket, agent, IN_AN_HOUR, "Первое")
    assert fresh(ticket).promised_at == IN_AN_HOUR
    promises.keep(ticket.number, str(first.public_id), by=agent, now=SOON)
    assert fresh(ticket).promised_at == TOMORROW
    assert ticket.due_at == NOW + timedelta(hours=4), "the first response is due before"


ANSWER, OTHER_ANSWER, DEED = "answer", "other answer", "deed"
OF_EACH = {ANSWER: True, DEED: False}
TWO = {ANSWER: True, OTHER_ANSWER: True}


@pytest.mark.parametrize(
    ("open_ones", "shown", "chosen", "kept"),
    [
        pytest.param({}, (), (), set(), id="nothing is owed"),
        pytest.param({ANSWER: True}, (), (), {ANSWER}, id="the one promise of an answer, at first"),
        pytest.param({DEED: False}, (), (), set(), id="a deed is not done by writing"),
        pytest.param(OF_EACH, (), (), {ANSWER}, id="the deed beside it changes nothing"),
        pytest.param(TWO, (), (), set(), id="of two nobody knows which is meant"),
        pytest.param({ANSWER: True}, [ANSWER], (), set(), id="its author says no"),
        pytest.param(OF_EACH, [ANSWER, DEED], [DEED], {DEED}, id="its author says the deed is done"),
        pytest.param(TWO, [ANSWER, OTHER_ANSWER], [OTHER_ANSWER], {OTHER_ANSWER}, id="its author says which"),
        pytest.param(OF_EACH, [DEED], [], {ANSWER}, id="one made since was not shown"),
        pytest.param(TWO, [ANSWER], [ANSWER], {ANSWER}, id="and of two it is still nobody's guess"),
        pytest.param({DEED: False}, [ANSWER], [ANSWER], set(), id="what has ended is kept by nothing"),
    ],
)
def test_which_promises_a_reply_keeps(open_ones, shown, chosen, kept):
    assert kept_by_reply(open_ones, shown=shown, chosen=chosen) == kept


def test_a_reply_keeps_what_its_author_says_and_nothing_else(ticket, agent):
    first, second = make(ticket, agent), make(ticket, agent, TOMORROW)
    deed = make(ticket, agent, TOMORROW, "Вернём деньги")
    reply(ticket, agent)
    assert not Promise.objects.exclude(kept_at=None).exists(), "nobody said that it keeps anything"
    message = reply(ticket, agent, keeps=[str(first.public_id), str(deed.public_id)])
    ended = Promise.objects.exclude(kept_at=None).order_by("id")
    assert list(ended.values_list("pk", "kept_at", "ended_by")) == [
        (first.pk, message.created_at, agent.key),
        (deed.pk, message.created_at, agent.key),
    ]
    assert fresh(ticket).promised_at == ticket.due_at == second.due_at
    assert told(ticket) == ["PromiseMade"] * 3 + ["PromiseKept"] * 2


def test_a_reply_that_names_a_promise_ended_meanwhile_or_of_another_ticket_is_not_sent(ticket, agent):
    ended, elsewhere = make(ticket, agent), make(opened(subject="Другое"), agent)
    promises.keep(ticket.number, str(ended.public_id), by=agent, now=SOON)
    still_open = make(ticket, agent)
    for named in (ended.public_id, elsewhere.public_id, "x"):
        with pytest.raises(Refused, match="promise_ended"):
            reply(ticket, agent, keeps=[str(still_open.public_id), str(named)])
    assert not OutboundCopy.objects.filter(message__author="agent").exists()
    assert Promise.objects.filter(kept_at=None).count() == 2


def test_a_reply_and_its_promise_are_one_letter_and_one_act(ticket, agent):
    message = reply(ticket, agent, promised=Promised(TOMORROW, typed="2026-11-24T12:00"))
    promise = Promise.objects.get()
    assert (promise.message_id, promise.is_answer) == (message.pk, True)
    assert "Обещаем ответить до 24.11.2026 12:00 МСК." in message.text
    assert fresh(ticket).due_at == TOMORROW


def test_a_promise_that_is_refused_sends_no_reply(ticket, agent):
    with pytest.raises(Refused, match="promise_past"):
        reply(ticket, agent, promised=Promised(NOW))
    assert not OutboundCopy.objects.filter(message__author="agent").exists()
    assert not Promise.objects.exists()


def test_the_undo_of_a_reply_takes_its_promise_back_and_owes_the_old_one_again(ticket, agent):
    before = make(ticket, agent)
    message = reply(
        ticket,
        agent,
        keeps=[str(before.public_id)],
        promised=Promised(TOMORROW, "Заменим диск", typed="2026-11-24T12:00"),
    )
    before.refresh_from_db()
    assert before.kept_at == SOON
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    assert list(Promise.objects.values_list("pk", "kept_at", "ended_by")) == [(before.pk, None, "")]
    assert fresh(ticket).promised_at == ticket.due_at == IN_AN_HOUR
    draft = ticket_page(agent, ticket.number, now=SOON).drafts["reply"]
    assert draft.beside["owed"] == draft.beside["keeps"] == [str(before.public_id)]
    assert (draft.text, draft.beside["promise_at"], draft.beside["promise"]) == (
        "Чиним",
        "2026-11-24T12:00",
        "Заменим диск",
    )


def test_the_undo_takes_back_what_the_promise_was_moved_to_meanwhile(ticket, agent):
    message = reply(ticket, agent, promised=Promised(TOMORROW))
    moved = Promise.objects.get()
    later = TOMORROW + timedelta(days=1)
    promises.withdraw(ticket.number, str(moved.public_id), reason="Поставка", instead=later, by=agent, now=SOON)
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    assert not Promise.objects.exists()
    assert fresh(ticket).promised_at is None


def test_another_time_is_another_promise_and_the_first_stays_with_its_reason(ticket, agent):
    first = make(ticket, agent)
    new = promises.withdraw(
        ticket.number, str(first.public_id), reason=" Ждём  поставщика ", instead=TOMORROW, by=agent, now=SOON
    )
    first.refresh_from_db()
    assert (first.due_at, first.withdrawn_at, first.reason) == (IN_AN_HOUR, SOON, "Ждём поставщика")
    assert (new.instead_of_id, new.due_at, new.is_answer) == (first.pk, TOMORROW, True)
    assert fresh(ticket).promised_at == TOMORROW
    assert told(ticket) == ["PromiseMade", "PromiseWithdrawn", "PromiseMade"]


def test_a_promise_kept_too_late_keeps_both_times(ticket, agent):
    promise = make(ticket, agent)
    promises.keep(ticket.number, str(promise.public_id), by=agent, now=TOMORROW)
    promise.refresh_from_db()
    assert (promise.due_at, promise.kept_at) == (IN_AN_HOUR, TOMORROW)
    with pytest.raises(Refused, match="promise_ended"):
        promises.withdraw(ticket.number, str(promise.public_id), reason="x", by=agent, now=TOMORROW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Promise.objects.update(withdrawn_at=TOMORROW)


@pytest.mark.parametrize(
    ("due_at", "words", "code"),
    [
        pytest.param(SOON, "", "promise_past", id="now"),
        pytest.param(NOW + timedelta(days=400), "", "promise_far", id="beyond a year"),
        pytest.param(IN_AN_HOUR, "x" * 301, "promise_too_long", id="a novel"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(ticket, agent, due_at, words, code):
    with pytest.raises(Refused, match=code):
        make(ticket, agent, due_at, words)
    assert fresh(ticket).promised_at is None


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_ten_may_be_open_and_none_at_a_done_ticket(ticket, agent, status):
    for number in range(10):
        make(ticket, agent, words=f"№ {number}")
    with pytest.raises(Refused, match="promise_too_many"):
        make(ticket, agent)
    Promise.objects.all().delete()
    Ticket.objects.update(status=status)
    with pytest.raises(Refused, match="promise_done"):
        make(ticket, agent)


def test_a_promise_is_withdrawn_with_a_reason_only(ticket, agent):
    promise = make(ticket, agent)
    with pytest.raises(Refused, match="promise_no_reason"):
        promises.withdraw(ticket.number, str(promise.public_id), reason="  ", by=agent, now=SOON)
    with pytest.raises(Refused, match="promise_past"):
        promises.withdraw(ticket.number, str(promise.public_id), reason="Так", instead=NOW, by=agent, now=SOON)
    promise.refresh_from_db()
    assert promise.withdrawn_at is None


def test_who_may_not_reply_may_not_promise(ticket, agent):
    promise = make(ticket, agent)
    for role, team in (("quality", "first-line"), ("agent", "specialists"), ("admin", "first-line")):
        other = actor(f"{role}-{team}", role, team)
        with pytest.raises(NotVisible):
            make(ticket, other)
        with pytest.raises(NotVisible):
            promises.keep(ticket.number, str(promise.public_id), by=other, now=SOON)
        with pytest.raises(NotVisible):
            promises.withdraw(ticket.number, str(promise.public_id), reason="x", by=other, now=SOON)


def test_a_promise_of_another_ticket_is_not_kept_from_here(ticket, agent):
    elsewhere = make(opened(subject="Другое"), agent)
    with pytest.raises(Refused, match="promise_ended"):
        promises.keep(ticket.number, str(elsewhere.public_id), by=agent, now=SOON)


def test_spam_stands_nowhere_and_comes_back_to_its_promise(ticket, agent):
    promise = make(ticket, agent)
    spam.mark(ticket.number, by=agent, now=SOON)
    assert fresh(ticket).due_at == NEVER
    spam.unmark(ticket.number, by=agent, now=SOON)
    assert fresh(ticket).due_at == IN_AN_HOUR
    reply(ticket, agent, keeps=[str(promise.public_id)])
    lifecycle.change_status(ticket.number, lifecycle.Status.RESOLVED, by=agent, now=SOON)
    assert fresh(ticket).due_at == NEVER
    lifecycle.change_status(ticket.number, lifecycle.Status.OPEN, by=agent, now=SOON)
    make(ticket, agent, words="Проверим завтра", due_at=TOMORROW)
    assert fresh(ticket).due_at == TOMORROW


def test_waiting_for_the_customer_pauses_the_clock_and_no_promise(ticket, agent):
    make(ticket, agent, TOMORROW)
    lifecycle.change_status(ticket.number, lifecycle.Status.WAITING_CUSTOMER, by=agent, now=SOON)
    assert fresh(ticket).due_at == TOMORROW


def test_promises_of_a_merged_ticket_go_with_it_and_come_back(ticket, agent):
    other = opened(subject="Ещё об этом", text="Опять")
    promise = make(other, agent)
    merging.merge(other.number, ticket.number, by=agent, now=SOON)
    promise.refresh_from_db()
    assert promise.ticket_id == ticket.pk
    assert fresh(ticket).promised_at == ticket.due_at == IN_AN_HOUR
    assert (fresh(other).promised_at, other.due_at) == (None, NEVER)
    promises.keep(other.number, str(promise.public_id), by=agent, now=SOON)  # by the old number, too
    assert Merge.objects.get().promise_ids == [promise.pk]
    merging.unmerge(other.number, by=agent, now=SOON)
    promise.refresh_from_db()
    assert (promise.ticket_id, promise.kept_at) == (other.pk, SOON)
    assert fresh(ticket).promised_at is None
    assert ticket.due_at == fresh(other).due_at == NOW + timedelta(hours=4)


def test_the_pack_has_them_and_erasing_takes_the_words_only(ticket, agent):
    lead = actor("lead", "lead", "first-line")
    promise = make(ticket, agent, words="Позвоним Анне")
    promises.withdraw(ticket.number, str(promise.public_id), reason="Анна уехала", by=agent, now=SOON)
    (row,) = pack_of(lead, ticket.number)["promises"]
    assert (row["words"], row["reason"], row["due_at"]) == ("Позвоним Анне", "Анна уехала", IN_AN_HOUR)
    make(ticket, agent)
    with transaction.atomic():
        erasing.erase_words([ticket.pk], act=1, by="staff:1", now=TOMORROW)
    row, owed = pack_of(lead, ticket.number)["promises"]
    assert (row["words"], row["reason"], row["is_answer"], row["due_at"]) == ("", "", False, IN_AN_HOUR)
    assert owed["withdrawn_at"] == TOMORROW, "nobody knows any more to whom"
    assert fresh(ticket).promised_at is None
    assert told(ticket)[-1] == "PromiseWithdrawn"


def requester(ticket) -> Customer:
    contact = Contact.objects.get(given_name="Анна")
    ContactRole.objects.create(account_id=ticket.account_id, contact=contact, role="owner")
    Ticket.objects.filter(pk=ticket.pk).update(contact=contact)
    return customer_at(contact.pk)


def done(ticket, agent, status=Status.RESOLVED, **endings) -> Ticket:
    return lifecycle.change_status(ticket.number, status, by=agent, now=SOON, **endings)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_ticket_is_not_done_while_something_is_promised(ticket, agent, status):
    kept, back = make(ticket, agent), make(ticket, agent, TOMORROW, "Вернём деньги")
    Ticket.objects.update(status="resolved" if status is Status.CLOSED else "open")
    is_kept = {str(kept.public_id): Ending(is_kept=True)}
    for endings, why in (
        ({}, "promises_open"),
        (is_kept, "promises_open"),
        (is_kept | {str(back.public_id): Ending(is_kept=False, reason=" ")}, "promise_no_reason"),
        ({"x": Ending(is_kept=True)}, "promise_ended"),
    ):
        with pytest.raises(Refused, match=why):
            done(ticket, agent, status, endings=endings)
        assert Promise.objects.filter(kept_at=None, withdrawn_at=None).count() == 2, "all or nothing"
    done(ticket, agent, status, endings=is_kept | {str(back.public_id): Ending(False, "Деньги не списаны")})
    kept.refresh_from_db(), back.refresh_from_db()
    assert (kept.kept_at, back.withdrawn_at, back.reason) == (SOON, SOON, "Деньги не списаны")
    assert (fresh(ticket).status, ticket.promised_at, ticket.due_at) == (status, None, NEVER)
    assert told(ticket)[2:] == ["PromiseKept", "PromiseWithdrawn"]


def test_a_change_of_many_leaves_out_where_something_is_promised(ticket, agent):
    other = opened(subject="Другое")
    make(ticket, agent)
    outcome = bulk.change([ticket.number, other.number], BulkAction.STATUS, "resolved", by=agent, now=SOON)
    assert (outcome.done, outcome.refused) == ((other.number,), {ticket.number: "promises_open"})
    assert fresh(ticket).status == "new"
    assert bulk.change([ticket.number], BulkAction.STATUS, "waiting_customer", by=agent, now=SOON).done


def test_what_a_customer_who_closes_needs_no_more():
    owed = {ANSWER: True, DEED: False, "other deed": False}
    assert waived_by_closing(owed, said=()) == {ANSWER}
    assert waived_by_closing(owed, said=[DEED, "elsewhere"]) == {ANSWER, DEED}


def test_a_customer_who_closes_frees_us_from_an_answer(ticket, agent):
    who, promise = requester(ticket), make(ticket, agent)
    customer_side.close(who, ticket.public_id, now=SOON)
    promise.refresh_from_db()
    assert (promise.withdrawn_at, promise.reason, promise.ended_by) == (SOON, "", who.key)
    assert (fresh(ticket).status, ticket.promised_at) == ("closed", None)
    (shown,) = ticket_page(agent, ticket.number, now=SOON).promises
    assert (shown.state, shown.is_waived) == (PromiseState.WAIVED, True)
    event = Event.objects.get(stream=f"ticket:{ticket.pk}", type="PromiseWaived")
    assert event.actor == who.key


def test_a_deed_is_owed_to_the_customer_until_he_says_otherwise(ticket, agent):
    who, deed = requester(ticket), make(ticket, agent, words="Вернём деньги")
    elsewhere = make(opened(subject="Другое"), agent, words="Позвоним")
    for waived in ((), [str(elsewhere.public_id)]):
        with pytest.raises(Refused, match="promises_open"):
            customer_side.close(who, ticket.public_id, waived=waived, now=SOON)
    assert fresh(ticket).status != "closed"
    customer_side.close(who, ticket.public_id, waived=[str(deed.public_id)], now=SOON)
    assert fresh(ticket).status == "closed"
    assert not Promise.objects.filter(ticket=ticket, withdrawn_at=None).exists()


def test_the_undo_of_a_reply_opens_again_what_was_closed_because_it_kept_a_promise(ticket, agent):
    promise = make(ticket, agent)
    message = reply(ticket, agent, keeps=[str(promise.public_id)])
    done(ticket, agent)
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    promise.refresh_from_db()
    assert promise.kept_at is None
    assert (fresh(ticket).status, ticket.promised_at, ticket.due_at) == ("new", IN_AN_HOUR, IN_AN_HOUR)
    moves = Event.objects.filter(stream=f"ticket:{ticket.pk}", type="StatusChanged").order_by("sequence")
    assert [move.payload.data["after"] for move in moves] == ["resolved", "new"]


@pytest.mark.django_db(transaction=True)
def test_two_who_keep_and_withdraw_at_once_end_it_once(ticket, agent):
    promise = make(ticket, agent)
    ends: list[str] = []
    start = threading.Barrier(2, timeout=30)

    def run(act) -> None:
        start.wait()
        try:
            act()
            ends.append("done")
        except Refused as refusal:
            ends.append(refusal.code)
        finally:
            connections.close_all()

    one = str(promise.public_id)
    acts = [
        lambda: promises.keep(ticket.number, one, by=agent, now=SOON),
        lambda: promises.withdraw(ticket.number, one, reason="x", by=agent, now=SOON),
    ]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ends) == ["done", "promise_ended"]
    promise.refresh_from_db()
    assert (promise.kept_at is None) != (promise.withdrawn_at is None)
