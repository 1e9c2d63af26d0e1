"""A reply waits a quarter of a minute, and its author may take it back until a worker has it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections, transaction

from core.clock import NEVER
from events import worker
from events.models import Delivery, Event
from sla.policies.clock import ClockState, Entry, replay
from tests.cast import ANNA, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tests.locks import wait_until_somebody_waits_for_us
from tickets.enums import Status
from tickets.models import Clock, Draft, Message, OutboundCopy, Participant, Ticket, Upload
from tickets.queries import ticket_page
from tickets.services import assignment, conversation, drafts, lifecycle
from tickets.services.drafts import Basis, Writing
from tickets.services.intake import receive

SOON = NOW + timedelta(minutes=5)
LATER = SOON + timedelta(seconds=20)


@pytest.fixture
def ticket(db) -> Ticket:
    desk()
    anna()
    opened = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    Delivery.objects.all().delete()  # of the automatic reply, which waits for nobody
    return Ticket.objects.get(pk=opened.ticket_id)


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


def answer(ticket, agent, text="Чиним", **more) -> Message:
    return conversation.reply(ticket.number, by=agent, text=text, now=SOON, **more)


def take_back(ticket, agent, message, now=SOON) -> None:
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=now)


def test_a_reply_is_due_a_quarter_of_a_minute_after_it_was_sent(ticket, agent):
    answer(ticket, agent)
    assert Delivery.objects.get().due_at == SOON + timedelta(seconds=15)
    assert not worker.claim(now=SOON + timedelta(seconds=14), limit=5)
    assert worker.claim(now=SOON + timedelta(seconds=15), limit=5)


def test_an_automatic_reply_does_not_wait(ticket):
    receive(letter(subject="Другое", facts=vouched(ANNA)), origin=origin(), now=SOON)
    assert Delivery.objects.get().due_at == SOON


def test_undo_puts_everything_back_as_it_was(ticket, agent):
    file = conversation.add_upload(ticket.number, by=agent, filename="план.txt", content=b"steps", now=SOON)
    message = answer(ticket, agent, text="Чиним\n\nскоро", upload_ids=[str(file.public_id)])
    take_back(ticket, agent, message)
    after = Ticket.objects.get()
    assert (after.status, after.assignee_id, after.is_unread, after.due_at) == (
        ticket.status,
        ticket.assignee_id,
        ticket.is_unread,
        ticket.due_at,
    )
    assert Draft.objects.get(mode="reply").text == "Чиним\n\nскоро"
    assert [upload.filename for upload in Upload.objects.all()] == ["план.txt"]
    assert Event.objects.filter(type="ReplyWithdrawn", actor=agent.key).exists()
    assert not worker.claim(now=LATER, limit=5)


def test_a_withdrawn_reply_is_kept_and_shown_nowhere(ticket, agent):
    message = answer(ticket, agent)
    take_back(ticket, agent, message)
    message.refresh_from_db()
    assert message.withdrawn_at == SOON
    assert [copy.status for copy in message.copies.all()] == ["withdrawn"]
    page = ticket_page(agent, ticket.number, now=LATER)
    assert message.pk not in [item.id for item in page.timeline if item.kind == "message"]
    assert "ReplyWithdrawn" in [item.event_type for item in page.timeline]


def test_the_first_response_is_measured_by_the_answer_that_left(ticket, agent):
    take_back(ticket, agent, answer(ticket, agent))
    clock = Clock.objects.get()
    assert (clock.is_open, clock.met_at) == (True, None)
    conversation.reply(ticket.number, by=agent, text="Теперь да", now=LATER)
    clock.refresh_from_db()
    assert (clock.is_open, clock.met_at) == (False, LATER)


def test_a_customer_who_wrote_in_between_is_measured_by_the_first_clock(ticket, agent):
    message = answer(ticket, agent)
    receive(letter(text="ещё", facts=vouched(ANNA), in_reply_to=(message.message_id,)), origin=origin(), now=SOON)
    take_back(ticket, agent, message, now=LATER)
    clock = Clock.objects.get()
    assert (clock.metric, clock.is_open) == ("first_response", True)
    assert Ticket.objects.get().due_at == ticket.due_at != NEVER


def test_a_clock_that_stood_still_stands_still_again():
    ledger = [
        (Entry.STARTED, NOW),
        (Entry.PAUSED, NOW + timedelta(minutes=1)),
        (Entry.MET, SOON),
        (Entry.TAKEN_BACK, LATER),
    ]
    reading = replay(ledger, target=timedelta(hours=1), now=LATER)
    assert (reading.state, reading.used) == (ClockState.PAUSED, timedelta(minutes=1))


def test_what_a_colleague_changed_meanwhile_stays(ticket, agent):
    lead = actor("lead", "lead", "first-line")
    message = answer(ticket, agent)
    assignment.assign(ticket.number, staff_id=lead.staff_id, by=lead, now=SOON)
    lifecycle.change_status(ticket.number, Status.WAITING_THIRD_PARTY, by=lead, now=SOON)
    take_back(ticket, agent, message, now=LATER)
    after = Ticket.objects.get()
    assert (after.status, after.assignee_id) == ("waiting_third_party", lead.staff_id)


def test_what_was_begun_since_stays_below_what_came_back(ticket, agent):
    message = answer(ticket, agent, text="первое")
    drafts.save(ticket.number, by=agent, mode="reply", writing=Writing("второе"), basis=Basis(), now=SOON)
    take_back(ticket, agent, message)
    assert Draft.objects.get(mode="reply").text == "первое\n\nвторое"


def test_only_its_author_takes_a_reply_back(ticket, agent):
    message = answer(ticket, agent)
    with pytest.raises(conversation.Refused, match="already_left"):
        take_back(ticket, actor("lead", "lead", "first-line"), message)


def test_a_reply_is_taken_back_once(ticket, agent):
    message = answer(ticket, agent)
    take_back(ticket, agent, message)
    with pytest.raises(conversation.Refused, match="already_left"):
        take_back(ticket, agent, message)


def test_a_reply_of_which_one_copy_has_gone_stays_whole(ticket, agent):
    Participant.objects.create(ticket=ticket, email=MALLORY, added_by="staff:1", added_at=NOW)
    message = answer(ticket, agent)
    taken = Delivery.objects.order_by("id").first()
    Delivery.objects.filter(pk=taken.pk).update(state="leased", lease=uuid.uuid4(), attempts=1)
    with pytest.raises(conversation.Refused, match="already_left"):
        take_back(ticket, agent, message)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["leased", "pending"]
    assert Message.objects.get(pk=message.pk).withdrawn_at is None
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_undo_and_a_worker_at_the_same_moment_one_wins():
    desk()
    agent = actor("agent1", "agent", "first-line")
    winners = set()
    for round_ in range(12):
        opened = receive(letter(subject=f"n {round_}", facts=vouched(ANNA)), origin=origin(), now=NOW)
        Delivery.objects.all().delete()
        ticket = Ticket.objects.get(pk=opened.ticket_id)
        message = answer(ticket, agent)
        start, said = threading.Barrier(2), {}

        def work(start=start, said=said):
            start.wait()
            said["worker"] = len(worker.claim(now=LATER, limit=5))
            connections.close_all()

        def undo(start=start, said=said, ticket=ticket, message=message):
            start.wait()
            try:
                take_back(ticket, agent, message)
                said["undo"] = 1
            except conversation.Refused:
                said["undo"] = 0
            connections.close_all()

        both = [threading.Thread(target=work), threading.Thread(target=undo)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        withdrawn = Message.objects.get(pk=message.pk).withdrawn_at is not None
        assert said["undo"] == withdrawn
        assert not (said["worker"] and said["undo"])
        state = Delivery.objects.get().state
        assert state == ("withdrawn" if withdrawn else "leased" if said["worker"] else "pending")
        assert OutboundCopy.objects.get(message=message).status == ("withdrawn" if withdrawn else "queued")
        winners.add("undo" if withdrawn else "worker")
    assert winners


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_waits_for_a_worker_finds_the_letter_taken():
    desk()
    agent = actor("agent1", "agent", "first-line")
    ticket = Ticket.objects.get(pk=receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW).ticket_id)
    Delivery.objects.all().delete()
    message, said = answer(ticket, agent), {}

    def undo():
        try:
            take_back(ticket, agent, message)
        except conversation.Refused as refusal:
            said["code"] = refusal.code
        connections.close_all()

    with transaction.atomic():
        worker.claim(now=LATER, limit=5)  # not committed yet: the undo has to wait for it
        thread = threading.Thread(target=undo)
        thread.start()
        wait_until_somebody_waits_for_us()
    thread.join()
    assert said == {"code": "already_left"}
    assert Delivery.objects.get().state == "leased"
