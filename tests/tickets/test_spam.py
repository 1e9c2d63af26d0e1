"""Spam: out of the way while the mark stands, and fair when it is taken off."""

from datetime import timedelta

import pytest

from core.clock import NEVER
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.models import Clock, Message, Ticket
from tickets.queries import QueueFilter, queue_page
from tickets.services import conversation, spam
from tickets.services.intake import receive


@pytest.fixture
def agent(db: None):
    desk()
    anna()
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def ticket(agent) -> Ticket:
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin("r1"), now=NOW).ticket_id)


def numbers(agent, view: str) -> list[str]:
    return [row.number for row in queue_page(agent, QueueFilter(view), now=NOW).rows]


def test_it_leaves_every_list_for_its_own_and_comes_back(agent, ticket):
    spam.mark(ticket.number, by=agent, now=NOW)
    assert not any(numbers(agent, view) for view in ("all", "mine_and_new", "overdue", "unassigned"))
    assert numbers(agent, "spam") == [ticket.number]
    spam.unmark(ticket.number, by=agent, now=NOW)
    assert numbers(agent, "all") == [ticket.number]
    assert numbers(agent, "spam") == []


def test_the_clock_stops_and_taken_back_has_run_all_the_time(agent, ticket):
    due_at = ticket.due_at
    spam.mark(ticket.number, by=agent, now=NOW + timedelta(minutes=10))
    ticket.refresh_from_db()
    assert ticket.due_at == NEVER
    assert not Clock.objects.filter(is_open=True).exists()
    spam.unmark(ticket.number, by=agent, now=NOW + timedelta(hours=5))
    ticket.refresh_from_db()
    assert ticket.due_at == due_at
    assert Clock.objects.get().is_open


def test_marking_twice_changes_nothing(agent, ticket):
    spam.mark(ticket.number, by=agent, now=NOW)
    version = Ticket.objects.get().version
    spam.mark(ticket.number, by=agent, now=NOW)
    assert Ticket.objects.get().version == version
    spam.unmark(ticket.number, by=agent, now=NOW)
    spam.unmark(ticket.number, by=agent, now=NOW)
    assert Ticket.objects.get().version == version + 1


def test_further_mail_makes_no_noise_and_waits_since_it_came_when_the_mark_is_taken_off(agent, ticket):
    conversation.reply(ticket.number, by=agent, text="Who are you?", now=NOW)
    spam.mark(ticket.number, by=agent, now=NOW)
    before = Ticket.objects.values("status", "is_unread", "due_at", "preview").get()
    later = NOW + timedelta(hours=1)
    again = letter(
        text="And again", message_id="2@x", in_reply_to=(Message.objects.first().message_id,), received_at=later,
        facts=vouched(ANNA),
    )  # fmt: skip
    receive(again, origin=origin("r2"), now=later)
    assert Ticket.objects.values("status", "is_unread", "due_at", "preview").get() == before
    assert Message.objects.filter(text="And again").exists()
    spam.unmark(ticket.number, by=agent, now=NOW + timedelta(hours=3))
    clock = Clock.objects.get(is_open=True)
    ticket.refresh_from_db()
    assert (clock.metric, ticket.due_at, ticket.is_unread) == ("next_response", later + clock.target, True)
