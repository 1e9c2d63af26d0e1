"""What the customer was promised: on the first page, at the ticket, by the status page and the API."""

from datetime import timedelta

import pytest
from django.test import Client

from core.clock import now as read_clock
from tests.panel.conftest import shows
from tests.panel.test_panel import asked
from tests.tickets.trust import an_agent
from tickets.enums import Status
from tickets.models import Message, Promise, Ticket
from tickets.services import conversation, lifecycle, promises
from tickets.services.promises import Promised
from web.shared.moments import by


@pytest.fixture
def ticket(client: Client) -> Ticket:
    asked(client)
    return Ticket.objects.get()


@pytest.fixture
def agent(ticket):
    return an_agent("agent1")


def make(ticket, agent, words="", hours=5) -> Promise:
    now = read_clock()
    return promises.make(ticket.number, Promised(now + timedelta(hours=hours), words), by=agent, now=now)


def at(promise) -> str:
    return by(promise.due_at, read_clock())


def page_of(ticket) -> str:
    return f"/panel/tickets/{ticket.public_id}/"


def test_the_customer_reads_what_was_promised_on_both_pages(client, ticket, agent):
    first, second = make(ticket, agent, "Change the disk"), make(ticket, agent, hours=9)
    page = client.get(page_of(ticket))
    shows(page, "We promised: Change the disk", at(first), "We promised: an answer", at(second))
    assert "We answer" not in page.content.decode()
    shows(client.get("/panel/"), "we promised: Change the disk", at(first))


def test_a_broken_promise_is_not_hidden(client, ticket, agent):
    promise = make(ticket, agent)
    Promise.objects.update(due_at=read_clock() - timedelta(minutes=1))
    promise.refresh_from_db()
    shows(client.get(page_of(ticket)), "promise--late", "We are late. We promised: an answer", at(promise))
    shows(client.get("/panel/"), "we are late with our promise, and know it:")


def test_of_a_moved_promise_the_customer_sees_both_and_why(client, ticket, agent):
    first = make(ticket, agent, "Change the disk")
    now = read_clock()
    new = promises.withdraw(
        ticket.number, str(first.public_id), reason="It is on its way", instead=now + timedelta(days=2), by=agent,
        now=now,
    )  # fmt: skip
    shows(
        client.get(page_of(ticket)), at(new), "Promised earlier", at(first),
        "we had to take it back. It is on its way",
    )  # fmt: skip


def test_closing_frees_us_from_an_answer_and_from_a_deed_only_by_name(client, ticket, agent):
    make(ticket, agent), make(ticket, agent, "Pay the money back", hours=9)
    an_answer, deed = Promise.objects.order_by("id")
    page = client.get(page_of(ticket))
    shows(page, "We still owe you this.", f"I no longer need: Pay the money back, {at(deed)}")
    assert str(an_answer.public_id) not in page.content.decode()
    shows(client.post(f"{page_of(ticket)}closing", follow=True), "Not closed: we still owe you something.")
    ticket.refresh_from_db()
    assert ticket.status != "closed"
    form = {"waived": [str(deed.public_id)]}
    shows(
        client.post(f"{page_of(ticket)}closing", form, follow=True),
        "Closed. Thank you for saying so.",
        "no longer needed, the request was closed",
        "A promise of ours is no longer needed: the request was closed by the customer",
    )
    assert not Promise.objects.filter(withdrawn_at=None).exists()


def test_what_we_asked_for_sleeps_while_the_request_is_done(client, ticket, agent):
    now = read_clock() - timedelta(minutes=1)
    conversation.reply(ticket.number, by=agent, text="We need more", asks="The error text", now=now)
    shows(client.get(page_of(ticket)), 'id="checklist"')
    lifecycle.change_status(ticket.number, Status.RESOLVED, by=agent, now=now)
    assert 'id="checklist"' not in client.get(page_of(ticket)).content.decode()
    client.post(f"{page_of(ticket)}reopening")
    shows(client.get(page_of(ticket)), 'id="checklist"')


def test_nothing_is_told_while_its_reply_can_be_taken_back(client, ticket, agent):
    now = read_clock()
    conversation.reply(
        ticket.number, by=agent, text="We look", promised=Promised(now + timedelta(days=1), "Change the disk"), now=now
    )
    for page in (page_of(ticket), "/panel/"):
        assert "Change the disk" not in client.get(page).content.decode()
    Message.objects.filter(author="agent").update(leaves_at=now - timedelta(seconds=1))
    for page in (page_of(ticket), "/panel/"):
        shows(client.get(page), "Change the disk")


def test_the_first_page_asks_one_query_for_all_promises(client, ticket, agent, django_assert_num_queries):
    make(ticket, agent)
    client.get("/panel/")
    with django_assert_num_queries(12):
        client.get("/panel/")
    for number in range(4):
        asked(client, subject=f"Another {number}")
    for other in Ticket.objects.exclude(pk=ticket.pk):
        make(other, agent, "Look into it")
    with django_assert_num_queries(12):
        assert client.get("/panel/").content.decode().count("we promised: Look into it") == 4


def test_his_own_data_hold_what_he_was_promised(client, ticket, agent):
    make(ticket, agent, "Change the disk")
    assert client.post("/panel/me/export").status_code == 200


def test_a_deed_he_cannot_read_yet_is_not_held_against_him_in_silence(client, ticket, agent):
    now = read_clock()
    promised = Promised(now + timedelta(hours=9), "Pay the money back")
    reply = conversation.reply(ticket.number, by=agent, text="We will", promised=promised, now=now)
    page = client.post(f"{page_of(ticket)}closing", follow=True)
    shows(page, "Not closed: an answer to you is just leaving.")
    assert "Pay the money back" not in page.content.decode()
    assert "we still owe you" not in page.content.decode()
    Message.objects.filter(pk=reply.pk).update(leaves_at=now)  # it has left
    shows(client.post(f"{page_of(ticket)}closing", follow=True), "Not closed: we still owe you", "Pay the money back")


def test_of_a_deed_he_reads_and_one_he_does_not_the_first_is_told(client, ticket, agent):
    make(ticket, agent, "Change the disk")
    promised = Promised(read_clock() + timedelta(hours=9), "Pay the money back")
    conversation.reply(ticket.number, by=agent, text="We will", promised=promised, now=read_clock())
    shows(client.post(f"{page_of(ticket)}closing", follow=True), "Not closed: we still owe you", "Change the disk")
