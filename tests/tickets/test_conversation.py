"""What agents do with a ticket, and who may not."""

from datetime import timedelta

import pytest

from core.clock import NEVER
from tests.cast import ANNA, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible, get_ticket_for, visible_to
from tickets.contracts import SendReceipt, SendStatus
from tickets.enums import Kind, Scale, Status
from tickets.models import Counter, CounterDelta, Message, Note, OutboundCopy, Participant, Ticket
from tickets.policies.visibility import may_see
from tickets.queries import QueueFilter, beside_the_list, queue_page, queues, ticket_page
from tickets.services import assignment, conversation, lifecycle
from tickets.services import counters as counting
from tickets.services.intake import receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk():
    desk()
    anna()


@pytest.fixture
def agent():
    return actor("agent1", "agent", "first-line")


def open_ticket(**more) -> Ticket:
    result = receive(letter(facts=vouched(ANNA), **more), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=result.ticket_id)


def test_a_reply_is_queued_for_everybody_who_takes_part_and_meets_the_clock(agent):
    ticket = open_ticket()
    message = conversation.reply(ticket.number, by=agent, text="Чиним", now=NOW + timedelta(minutes=5))
    ticket.refresh_from_db()
    assert [c.email for c in message.copies.all()] == [ANNA]
    assert (ticket.status, ticket.assignee_id, ticket.due_at) == ("open", agent.staff_id, NEVER)


def test_an_empty_reply_is_refused_with_a_reason(agent):
    with pytest.raises(conversation.Refused, match="empty_text"):
        conversation.reply(open_ticket().number, by=agent, text="  ", now=NOW)


def test_a_note_never_becomes_a_letter(agent):
    ticket = open_ticket()
    before = OutboundCopy.objects.count()
    conversation.add_note(ticket.number, by=agent, text="тихо", now=NOW)
    assert Note.objects.count() == 1
    assert OutboundCopy.objects.count() == before
    assert not Message.objects.filter(text__contains="тихо").exists()


def test_the_second_agent_to_claim_is_told_it_is_taken(agent):
    other = actor("agent3", "agent", "first-line")
    ticket = open_ticket()
    assignment.claim(ticket.number, by=agent, now=NOW)
    with pytest.raises(conversation.Refused, match="taken"):
        assignment.claim(ticket.number, by=other, now=NOW)


def test_quality_may_read_but_not_write():
    quality = actor("quality", "quality")
    ticket = open_ticket()
    assert get_ticket_for(quality, ticket.number)
    with pytest.raises(NotVisible):
        conversation.reply(ticket.number, by=quality, text="x", now=NOW)


def test_waiting_for_the_customer_stops_the_clock_and_his_letter_starts_it_again(agent):
    ticket = open_ticket()
    lifecycle.change_status(ticket.number, Status.WAITING_CUSTOMER, by=agent, now=NOW + timedelta(hours=1))
    ticket.refresh_from_db()
    assert ticket.due_at == NEVER
    first = Message.objects.get(ticket=ticket, direction="in")
    later = NOW + timedelta(hours=11)
    receive(letter(text="вот", facts=vouched(ANNA), in_reply_to=(first.message_id,)), origin=origin(), now=later)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.due_at) == ("open", later + timedelta(hours=3))


def test_a_critical_ticket_is_due_in_a_quarter_of_an_hour(agent):
    ticket = open_ticket()
    lifecycle.classify(ticket.number, kind=Kind.INCIDENT, impact=Scale.HIGH, urgency=Scale.HIGH, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.due_at == NOW + timedelta(minutes=15)


def test_an_accepted_other_sender_takes_part_from_then_on(agent):
    ticket = open_ticket()
    first = Message.objects.get(ticket=ticket, direction="in")
    held = receive(letter(sender=MALLORY, in_reply_to=(first.message_id,)), origin=origin(), now=NOW)
    message = Message.objects.get(pk=held.message_id)
    conversation.accept_sender(ticket.number, message_public_id=str(message.public_id), by=agent, now=NOW)
    assert Participant.objects.filter(ticket=ticket, email=MALLORY).exists()
    with pytest.raises(conversation.Refused, match="already_decided"):
        conversation.refuse_sender(ticket.number, message_public_id=str(message.public_id), by=agent, now=NOW)


def test_a_failed_copy_can_be_sent_again_and_a_sent_one_cannot(agent):
    ticket = open_ticket()
    copy = OutboundCopy.objects.get()
    conversation.record_delivery(copy.pk, receipt=SendReceipt(SendStatus.UNCERTAIN, "timeout"), now=NOW)
    conversation.send_again(ticket.number, copy_id=copy.pk, by=agent, now=NOW)
    conversation.record_delivery(copy.pk, receipt=SendReceipt(SendStatus.SENT, "250"), now=NOW)
    with pytest.raises(conversation.Refused, match="already_sent"):
        conversation.send_again(ticket.number, copy_id=copy.pk, by=agent, now=NOW)


def test_predicate_and_queryset_of_visibility_agree_over_the_whole_matrix():
    people = [
        actor("a1", "agent", "first-line"), actor("a2", "agent", "specialists"), actor("l", "lead"),
        actor("q", "quality"), actor("ad", "admin"), actor("l2", "lead", "first-line"),
    ]  # fmt: skip
    tickets = []
    for kind in Kind:
        for assignee in (None, people[0], people[2]):
            ticket = open_ticket(subject=f"{kind} {assignee and assignee.key}")
            Ticket.objects.filter(pk=ticket.pk).update(kind=kind.value, assignee_id=assignee and assignee.staff_id)
            ticket.refresh_from_db()
            tickets.append(ticket)
    for person in people:
        seen = set(visible_to(person).values_list("pk", flat=True))
        for t in tickets:
            rule = may_see(person, team_id=t.team_id, assignee_id=t.assignee_id, kind=Kind(t.kind))
            assert (t.pk in seen) == rule, (person, t.kind, t.assignee_id)


def test_the_queue_pages_by_due_date_without_losing_or_repeating(agent):
    for n in range(7):
        open_ticket(subject=f"n {n}")
    seen, cursor = [], ""
    while True:
        page = queue_page(agent, QueueFilter("all"), after=cursor, now=NOW, limit=3)
        seen += [row.number for row in page.rows]
        if not (cursor := page.next_cursor):
            break
    assert len(seen) == len(set(seen)) == 7


def test_counters_follow_and_a_rebuild_finds_no_difference(agent, django_assert_max_num_queries):
    one, two = open_ticket(subject="1"), open_ticket(subject="2")
    assignment.claim(one.number, by=agent, now=NOW)
    counting.fold(NOW)
    lifecycle.change_status(two.number, Status.RESOLVED, by=agent, now=NOW)
    beside_the_list(agent)  # the first of a connection also prepares its statement
    with django_assert_max_num_queries(1):
        shown = beside_the_list(agent).counters
    assert (shown["mine"], shown["unassigned"], shown["all"]) == (1, 0, 1)
    counting.fold(NOW)
    assert not CounterDelta.objects.exists()
    folded = {c.key: c.total for c in Counter.objects.exclude(total=0)}
    counting.rebuild()
    assert folded == {c.key: c.total for c in Counter.objects.exclude(total=0)}


def test_the_queries_of_a_ticket_page_do_not_grow_with_its_messages(agent, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ticket = open_ticket()
    with CaptureQueriesContext(
        connection,
    ) as few:
        ticket_page(agent, ticket.number, now=NOW)
    for n in range(20):
        conversation.reply(ticket.number, by=agent, text=f"{n}", now=NOW)
        conversation.add_note(ticket.number, by=agent, text=f"{n}", now=NOW)
    with CaptureQueriesContext(connection) as many:
        page = ticket_page(agent, ticket.number, now=NOW)
    assert len(page.timeline) >= 42
    assert len(many) <= len(few) + 1  # the assignee


def test_an_agent_sees_the_queues_of_his_teams(agent):
    assert [q.slug for q in queues(agent)] == ["hosting"]
