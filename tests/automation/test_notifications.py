"""Who is told of what happens to tickets, and what he finds of it on his pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from automation import notifications
from automation.models import Notification
from core.clock import NEVER
from events import worker
from events.models import Delivery, Event
from staff.actor import Actor
from tests.cast import ANNA, NOW, actor, anna, desk, letter, origin, vouched
from tests.web.conftest import shows, signed_in
from tickets.contracts import SendReceipt, SendStatus
from tickets.models import OutboundCopy, Ticket
from tickets.services import assignment, conversation, following, replies
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket() -> Ticket:
    cache.clear()
    desk()
    anna()
    return Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)


@pytest.fixture
def agent(ticket: Ticket) -> Actor:
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def lead(ticket: Ticket) -> Actor:
    return actor("lead", "lead")


def tell() -> None:
    """What the worker does with these; the mails of the desk are none of this test's business."""
    Delivery.objects.exclude(subscriber="notifications").delete()
    worker.drain(lambda: NEVER - timedelta(days=1))
    assert set(Delivery.objects.values_list("state", flat=True)) <= {"done"}


def told(person: Actor) -> list[str]:
    tell()
    return [row.kind for row in notifications.newest_unseen(person)]


def write_again(ticket: Ticket) -> None:
    number = f"{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}"
    again = letter(subject=f"Re: [HD-{number}] ...", text="one thing more", facts=vouched(ANNA), message_id="2@x")
    assert receive(again, origin=origin(), now=NOW).ticket_id == ticket.pk


def test_whoever_is_given_a_ticket_is_told_and_whoever_gave_it_is_not(ticket: Ticket, agent: Actor, lead: Actor):
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    assert told(agent) == ["assigned"]
    assert told(lead) == []


def test_nobody_is_told_of_what_he_did_himself(ticket: Ticket, agent: Actor):
    assignment.claim(ticket.number, by=agent, now=NOW)
    conversation.add_note(ticket.number, by=agent, text="mine", now=NOW)
    assert told(agent) == []
    assert not Delivery.objects.exists()


def test_what_customers_and_colleagues_write_is_told_to_whoever_has_the_ticket(
    ticket: Ticket, agent: Actor, lead: Actor
):
    conversation.add_note(ticket.number, by=lead, text="before anybody had it", now=NOW)
    assignment.claim(ticket.number, by=agent, now=NOW)
    write_again(ticket)
    conversation.add_note(ticket.number, by=lead, text="look here", now=NOW)
    assert told(agent) == ["noted", "wrote"]
    assert told(lead) == []


def test_a_reply_of_a_colleague_is_told_to_who_has_the_ticket_and_to_who_follows_it(
    ticket: Ticket, agent: Actor, lead: Actor
):
    quality = actor("quality", "quality")
    assignment.claim(ticket.number, by=agent, now=NOW)
    for person in (agent, lead, quality):
        following.follow(ticket.number, by=person)
    conversation.reply(ticket.number, by=lead, text="We look into it", upload_ids=[], now=NOW)
    waiting = Delivery.objects.filter(subscriber="notifications").order_by("id").last()
    assert waiting.due_at == NOW + replies.UNDO
    assert (told(agent), told(quality), told(lead)) == (["replied"], ["followed_replied"], [])
    shows(signed_in("quality@staff.example").get("/desk/notifications/"), "A colleague replied in a ticket you follow")


def test_a_reply_that_was_taken_back_is_told_to_nobody(ticket: Ticket, agent: Actor, lead: Actor):
    following.follow(ticket.number, by=agent)
    message = conversation.reply(ticket.number, by=lead, text="Too early", upload_ids=[], now=NOW)
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=lead, now=NOW)
    Delivery.objects.filter(state="withdrawn").delete()
    assert told(agent) == []


@pytest.mark.parametrize(("status", "kinds"), [("failed", ["failed"]), ("sent", [])])
def test_a_reply_that_did_not_get_through_is_told_to_its_author(
    ticket: Ticket, agent: Actor, status: str, kinds: list[str]
):
    conversation.reply(ticket.number, by=agent, text="Fixed", upload_ids=[], now=NOW)
    copy = OutboundCopy.objects.get(message__author="agent")
    conversation.record_delivery(copy.pk, receipt=SendReceipt(SendStatus(status), "550", "no such user"), now=NOW)
    assert told(agent) == kinds


def test_a_ticket_that_went_to_another_team_meanwhile_is_told_to_nobody_of_the_first(
    ticket: Ticket, agent: Actor, lead: Actor
):
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    assignment.move_to_queue(ticket.number, queue_slug="domains", by=lead, now=NOW)
    Ticket.objects.update(assignee=None)
    tell()
    assert not Notification.objects.exists()


def test_what_was_told_does_not_show_a_ticket_that_is_out_of_sight_now(ticket: Ticket, agent: Actor, lead: Actor):
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    tell()
    assignment.move_to_queue(ticket.number, queue_slug="domains", by=lead, now=NOW)
    Ticket.objects.update(assignee=None)
    assert notifications.newest_unseen(agent) == []
    client = signed_in("agent1@staff.example")
    page = client.get("/desk/notifications/")
    shows(page, "A ticket that is not yours to see any more")
    assert ticket.number[:3] + "-" not in page.content.decode()


def test_work_done_twice_tells_once(ticket: Ticket, agent: Actor, lead: Actor):
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    tell()
    Delivery.objects.update(state="pending", lease=None)
    assert told(agent) == ["assigned"]
    event = Event.objects.get(type="AssigneeChanged")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(event=event, staff_id=agent.staff_id, ticket=ticket, kind="noted", at=NOW)


@pytest.fixture
def page(ticket: Ticket, agent: Actor, lead: Actor) -> Client:
    assignment.assign(ticket.number, staff_id=agent.staff_id, by=lead, now=NOW)
    conversation.add_note(ticket.number, by=lead, text="look here", now=NOW)
    tell()
    return signed_in("agent1@staff.example")


def unseen(client: Client) -> Any:
    return client.get("/desk/notifications/news").json()["unseen"]


def test_the_bell_knows_how_many_and_the_newest_in_words(page: Client, ticket: Ticket):
    news = page.get("/desk/notifications/news").json()
    assert news["unseen"] == 2
    assert [row["words"] for row in news["rows"]] == ["A colleague left a note: Lead", "You were given a ticket: Lead"]
    assert {row["url"] for row in news["rows"]} == {f"/desk/tickets/{ticket.number}/"}


def test_what_was_seen_is_not_counted_and_another_persons_is_not_touched(page: Client, lead: Actor, ticket: Ticket):
    client = signed_in("lead@staff.example")
    client.post("/desk/notifications/seen")
    assert unseen(page) == 2
    page.post("/desk/notifications/seen", {"number": "000000000"})
    assert unseen(page) == 2
    assert page.post("/desk/notifications/seen", {"number": ticket.number}).status_code == 302
    assert unseen(page) == 0


def test_all_of_them_are_seen_at_once(page: Client):
    shows(page.get("/desk/notifications/"), "All seen", "You were given a ticket", "A colleague left a note")
    page.post("/desk/notifications/seen")
    assert unseen(page) == 0
    assert "All seen" not in page.get("/desk/notifications/").content.decode()


def test_the_list_goes_on_by_its_last_row(page: Client, ticket: Ticket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notifications, "PAGE", 1)
    first = page.get("/desk/notifications/").content.decode()
    assert "A colleague left a note" in first
    assert "You were given a ticket" not in first
    older = Notification.objects.get(kind="noted").pk
    assert f'href="?before={older}"' in first
    shows(page.get(f"/desk/notifications/?before={older}"), "You were given a ticket", "To the beginning")
    assert page.get("/desk/notifications/?before=x").status_code == 200


def test_the_list_costs_the_same_whatever_its_length(
    page: Client, ticket: Ticket, lead: Actor, django_assert_max_num_queries: Any
):
    for text in "abc":
        conversation.add_note(ticket.number, by=lead, text=text, now=NOW)
    tell()
    with django_assert_max_num_queries(6):
        page.get("/desk/notifications/")
    with django_assert_max_num_queries(7):
        page.get("/desk/notifications/news")
