"""Who follows a ticket, and of what he is told."""

import threading

import pytest
from django.db import connections, transaction

from events.models import EventPayload
from staff.actor import Actor
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import Status
from tickets.models import Ticket
from tickets.services import assignment, bulk, conversation, following, lifecycle, merging
from tickets.services.bulk import BulkAction
from tickets.services.intake import receive, touch

pytestmark = pytest.mark.django_db


def opened(**more) -> Ticket:
    received = receive(letter(**({"facts": vouched(ANNA)} | more)), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=received.ticket_id)


@pytest.fixture
def ticket() -> Ticket:
    desk()
    anna()
    return opened()


@pytest.fixture
def agent(ticket: Ticket) -> Actor:
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def quality(ticket: Ticket) -> Actor:
    return actor("quality", "quality")


def followers(ticket: Ticket) -> list[int]:
    return Ticket.objects.values_list("followers", flat=True).get(pk=ticket.pk)


def tells(event: str) -> dict[str, str]:
    return EventPayload.objects.filter(event__type=event).latest("event").data.get("tells", {})


def write_again(ticket: Ticket) -> None:
    number = f"{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}"
    again = letter(subject=f"Re: [HD-{number}] ...", facts=vouched(ANNA), message_id="2@x")
    assert receive(again, origin=origin(), now=NOW).ticket_id == ticket.pk


def test_whoever_sees_a_ticket_may_follow_it_and_nobody_else(ticket: Ticket, quality: Actor):
    following.follow(ticket.number, by=quality)
    following.follow(ticket.number, by=quality)
    assert followers(ticket) == [quality.staff_id]
    for stranger in (actor("agent2", "agent", "specialists"), actor("admin", "admin")):
        with pytest.raises(NotVisible):
            following.follow(ticket.number, by=stranger)
    following.unfollow(ticket.number, by=quality)
    following.unfollow(ticket.number, by=quality)
    assert followers(ticket) == []


def test_followers_are_told_of_what_others_do(ticket: Ticket, agent: Actor, quality: Actor):
    following.follow(ticket.number, by=quality)
    following.follow(ticket.number, by=agent)
    watcher = str(quality.staff_id)
    write_again(ticket)
    assert tells("MessageReceived") == {watcher: "followed_wrote", str(agent.staff_id): "followed_wrote"}
    assignment.claim(ticket.number, by=agent, now=NOW)
    assert tells("AssigneeChanged") == {watcher: "followed_changed"}
    conversation.add_note(ticket.number, by=agent, text="looking", now=NOW)
    assert tells("NoteAdded") == {watcher: "followed_noted"}
    conversation.reply(ticket.number, by=agent, text="done", now=NOW)
    assert tells("ReplyWritten") == {watcher: "followed_replied"}
    lifecycle.change_status(ticket.number, Status.RESOLVED, by=agent, now=NOW)
    assert tells("StatusChanged") == {watcher: "followed_changed"}


def test_whoever_is_named_in_a_note_follows_the_ticket_from_then_on(ticket: Ticket, agent: Actor, quality: Actor):
    conversation.add_note(ticket.number, by=agent, text="@Quality, look", now=NOW)
    assert tells("NoteAdded") == {str(quality.staff_id): "mentioned"}
    assert followers(ticket) == [quality.staff_id]
    conversation.add_note(ticket.number, by=agent, text="and this", now=NOW)
    assert tells("NoteAdded") == {str(quality.staff_id): "followed_noted"}


def test_following_is_no_change_of_the_ticket_and_can_be_undone_after(ticket: Ticket, agent: Actor, quality: Actor):
    done = bulk.change([ticket.number], BulkAction.STATUS, "resolved", by=agent, now=NOW)
    following.follow(ticket.number, by=quality)
    bulk.undo(done.undo, by=agent, now=NOW)
    assert Ticket.objects.get().status == "new"
    assert tells("StatusChanged") == {str(quality.staff_id): "followed_changed"}


def test_whoever_loses_a_ticket_is_told_and_who_has_it_now_too(ticket: Ticket, agent: Actor):
    lead, other = actor("lead", "lead"), actor("agent3", "agent", "first-line")
    assignment.claim(ticket.number, by=agent, now=NOW)
    assignment.assign(ticket.number, staff_id=other.staff_id, by=lead, now=NOW)
    assert tells("AssigneeChanged") == {str(other.staff_id): "assigned", str(agent.staff_id): "taken"}
    assignment.claim(ticket.number, by=lead, now=NOW)
    assert tells("AssigneeChanged") == {str(other.staff_id): "taken"}


def test_followers_go_with_a_merged_ticket_and_come_back_with_it(ticket: Ticket, agent: Actor, quality: Actor):
    source = opened(message_id="other@x", subject="other")
    lead = actor("lead", "lead")
    following.follow(source.number, by=quality)
    following.follow(ticket.number, by=agent)
    merging.merge(source.number, ticket.number, by=agent, now=NOW)
    assert followers(ticket) == [agent.staff_id, quality.staff_id]
    merging.unmerge(source.number, by=agent, now=NOW)
    assert (followers(source), followers(ticket)) == ([quality.staff_id], [agent.staff_id])
    merging.merge(source.number, ticket.number, by=agent, now=NOW)
    following.follow(source.number, by=lead)
    assert followers(ticket) == [agent.staff_id, quality.staff_id, lead.staff_id]


@pytest.mark.django_db(transaction=True)
def test_whoever_follows_while_a_colleague_changes_the_ticket_is_not_lost(ticket: Ticket, agent: Actor, quality: Actor):
    begun = threading.Event()

    def follow() -> None:
        begun.set()
        following.follow(ticket.number, by=quality)
        connections.close_all()

    watcher = threading.Thread(target=follow)
    with transaction.atomic():
        held = get_ticket_to_work(agent, ticket.number)
        watcher.start()
        assert begun.wait(30)
        touch(held, now=NOW)
    watcher.join(30)
    assert followers(ticket) == [quality.staff_id]
