"""One change of many tickets, what it refuses, and the one undo that leaves alone what others touched."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from core.clock import NEVER
from events.models import Event
from sla.policies.clock import Entry
from tests.cast import ANNA, NOW, actor, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.enums import BulkAction, Status
from tickets.models import BulkChange, Clock, Tag, Ticket, TicketTag
from tickets.services import assignment, bulk, conversation, counters, lifecycle, spam
from tickets.services.conversation import Refused
from tickets.services.intake import receive

SOON = NOW + timedelta(seconds=10)


def tickets(count: int, **more) -> list[Ticket]:
    ids = [
        receive(letter(subject=f"Site {n}", message_id=f"{n}@x", facts=vouched(ANNA)), origin=origin(**more), now=NOW)
        for n in range(count)
    ]
    return list(Ticket.objects.filter(pk__in=[each.ticket_id for each in ids]).order_by("pk"))


def numbers(of: list[Ticket]) -> list[str]:
    return [ticket.number for ticket in of]


def state(ticket: Ticket) -> tuple:
    """All that a change may move, as it is in the database now, with its clock and tags."""
    row = Ticket.objects.filter(pk=ticket.pk).values_list(
        "status", "assignee_id", "queue_id", "team_id", "is_unread", "is_spam", "spam_reason", "spam_since", "due_at"
    )[0]
    clock = Clock.objects.filter(ticket=ticket).values_list("is_open", "due_at", "met_at", "target").last()
    return row, clock, sorted(TicketTag.objects.filter(ticket=ticket).values_list("tag__name", flat=True))


@pytest.fixture
def agent(db: None):
    desk()
    return actor("agent1", "agent", "first-line", "specialists")


@pytest.fixture
def changes(agent) -> dict[BulkAction, str]:
    return {
        BulkAction.ASSIGN: str(agent.staff_id),
        BulkAction.QUEUE: "domains",
        BulkAction.STATUS: "resolved",
        BulkAction.TAG: str(Tag.objects.create(name="VIP").pk),
        BulkAction.SPAM: "",
    }


@pytest.mark.parametrize("action", list(BulkAction))
def test_every_change_is_made_and_undone_whole(agent, changes, action):
    three = tickets(3)
    before = [state(ticket) for ticket in three]
    outcome = bulk.change(numbers(three), action, changes[action], by=agent, now=NOW)
    assert set(outcome.done) == set(numbers(three))
    assert all(state(ticket) != was for ticket, was in zip(three, before, strict=True))
    assert bulk.undo(outcome.undo, by=agent, now=SOON).done == outcome.done
    assert [state(ticket) for ticket in three] == before
    for ticket in three:
        told = Event.objects.filter(stream=f"ticket:{ticket.pk}", actor=agent.key)
        assert told.count() >= 2


@pytest.mark.parametrize("action", list(BulkAction))
def test_it_does_to_each_what_the_single_change_does(agent, changes, action):
    one, other = tickets(2)
    bulk.change([one.number], action, changes[action], by=agent, now=NOW)
    match action:
        case BulkAction.ASSIGN:
            assignment.claim(other.number, by=agent, now=NOW)
        case BulkAction.QUEUE:
            assignment.move_to_queue(other.number, queue_slug="domains", by=agent, now=NOW)
        case BulkAction.STATUS:
            lifecycle.change_status(other.number, Status.RESOLVED, by=agent, now=NOW)
        case BulkAction.SPAM:
            spam.mark(other.number, by=agent, now=NOW)
        case BulkAction.TAG:
            return
    assert state(one) == state(other)
    types = [list(Event.objects.filter(stream=f"ticket:{t.pk}").values_list("type", flat=True)) for t in (one, other)]
    assert types[0] == types[1]


def test_what_somebody_touched_since_is_left_and_told(agent):
    mine, touched = tickets(2)
    outcome = bulk.change(numbers([mine, touched]), BulkAction.STATUS, "waiting_customer", by=agent, now=NOW)
    conversation.add_note(touched.number, by=actor("agent2", "agent", "first-line"), text="I look into it", now=NOW)
    undone = bulk.undo(outcome.undo, by=agent, now=SOON)
    assert undone.done == (mine.number,)
    assert undone.refused == {touched.number: "touched_since"}
    mine.refresh_from_db()
    touched.refresh_from_db()
    assert (mine.status, touched.status) == ("new", "waiting_customer")


@pytest.mark.parametrize(
    ("who", "after", "why"), [("me", 31, "undo_too_late"), ("me twice", 5, "undone_already"), ("other", 5, None)]
)
def test_an_undo_is_for_its_maker_once_and_for_half_a_minute(agent, who, after, why):
    (ticket,) = tickets(1)
    undo = bulk.change([ticket.number], BulkAction.STATUS, "resolved", by=agent, now=NOW).undo
    if who == "me twice":
        bulk.undo(undo, by=agent, now=SOON)
    by = actor("agent2", "agent", "first-line") if who == "other" else agent
    with pytest.raises(Refused if why else NotVisible) as refusal:
        bulk.undo(undo, by=by, now=NOW + timedelta(seconds=after))
    if why:
        assert refusal.value.code == why


def test_what_cannot_be_changed_is_told_with_its_reason_and_the_rest_is_done(agent):
    good, closed, taken = tickets(3)
    lifecycle.change_status(closed.number, Status.RESOLVED, by=agent, now=NOW)
    lifecycle.change_status(closed.number, Status.CLOSED, by=agent, now=NOW)
    outcome = bulk.change(numbers([good, closed]), BulkAction.STATUS, "waiting_customer", by=agent, now=NOW)
    assert outcome.done == (good.number,)
    assert outcome.refused == {closed.number: "not_from_here"}
    assignment.claim(taken.number, by=actor("agent2", "agent", "first-line"), now=NOW)
    outcome = bulk.change(numbers([good, taken]), BulkAction.ASSIGN, str(agent.staff_id), by=agent, now=NOW)
    assert outcome.refused == {taken.number: "taken"}


def test_another_teams_tickets_and_unknown_numbers_are_the_same_nothing(agent):
    (mine,) = tickets(1)
    stranger = actor("agent2", "agent", "specialists")
    outcome = bulk.change([mine.number, "000000000", "x' OR 1=1"], BulkAction.SPAM, "", by=stranger, now=NOW)
    assert outcome == bulk.Outcome((), dict.fromkeys([mine.number, "000000000", "x' OR 1=1"], "no_such_ticket"))
    assert not BulkChange.objects.exists()


def test_a_hundred_and_one_and_none_are_refused(agent):
    for many, why in ((["1"] * 0, "none_marked"), ([str(n) for n in range(101)], "too_many")):
        with pytest.raises(Refused) as refusal:
            bulk.change(many, BulkAction.SPAM, "", by=agent, now=NOW)
        assert refusal.value.code == why


@pytest.mark.parametrize(
    ("action", "value"),
    [(BulkAction.ASSIGN, "99999"), (BulkAction.ASSIGN, "x"), (BulkAction.TAG, "7"), (BulkAction.TAG, "")],
)
def test_nobody_and_no_tag_are_refused(agent, action, value):
    (ticket,) = tickets(1)
    with pytest.raises(Refused):
        bulk.change([ticket.number], action, value, by=agent, now=NOW)


def test_who_may_not_work_changes_nothing(agent):
    (ticket,) = tickets(1)
    for role in ("quality", "admin"):
        with pytest.raises(NotVisible):
            bulk.change([ticket.number], BulkAction.SPAM, "", by=actor(role, role, "first-line"), now=NOW)


def test_a_moved_ticket_comes_back_though_its_maker_sees_it_no_more(agent):
    (ticket,) = tickets(1)
    narrow = actor("agent2", "agent", "first-line")
    outcome = bulk.change([ticket.number], BulkAction.QUEUE, "domains", by=narrow, now=NOW)
    assert bulk.undo(outcome.undo, by=narrow, now=SOON).done == (ticket.number,)


def test_the_number_of_queries_does_not_grow(agent, changes, django_assert_max_num_queries):
    for action, value in changes.items():
        many = tickets(12, raw_id="")
        for part in (many[:2], many):
            with django_assert_max_num_queries(24):
                outcome = bulk.change(numbers(part), action, value, by=agent, now=NOW)
            with django_assert_max_num_queries(24):
                bulk.undo(outcome.undo, by=agent, now=NOW)
        Ticket.objects.update(subject="done with")


def test_the_counters_follow(agent):
    many = tickets(4)
    bulk.change(numbers(many), BulkAction.SPAM, "", by=agent, now=NOW)
    counters.fold(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT total FROM tickets_counter WHERE key = 'open'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_changes_of_the_same_tickets_in_opposite_orders_never_lock_each_other_out():
    desk()
    agents = [actor(login, "lead", "first-line") for login in ("one", "two")]
    many = numbers(tickets(20))
    failed: list[BaseException] = []
    start = threading.Barrier(2)

    def work(who, order):
        try:
            start.wait(timeout=30)
            for _ in range(6):
                bulk.change(order, BulkAction.ASSIGN, str(who.staff_id), by=who, now=NOW)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=each) for each in zip(agents, (many, many[::-1]), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert set(Ticket.objects.values_list("assignee_id", flat=True)) <= {a.staff_id for a in agents}


def test_the_ledger_keeps_every_step(agent):
    (ticket,) = tickets(1)
    undo = bulk.change([ticket.number], BulkAction.SPAM, "", by=agent, now=NOW).undo
    assert Ticket.objects.get().due_at == NEVER
    bulk.undo(undo, by=agent, now=SOON)
    lines = Clock.objects.get().entries.order_by("id").values_list("entry", flat=True)
    assert list(lines) == [Entry.STARTED, Entry.SET_ASIDE, Entry.TAKEN_BACK]
