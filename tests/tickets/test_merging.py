"""Two tickets into one and apart again; letters on their own or elsewhere; who may not, and who came first."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from core.clock import NEVER
from core.trust import Level
from events.models import Event
from tests.cast import ANNA, BORIS, MALLORY, NOW, actor, anna, claimed, desk, letter, origin, vouched
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import Kind, Status
from tickets.models import Clock, Draft, Merge, Message, Note, OutboundCopy, Participant, Ticket
from tickets.policies.merging import Side, refusal
from tickets.services import assignment, conversation, drafts, lifecycle, merging, sorting, spam
from tickets.services.drafts import NO_BASIS, Writing
from tickets.services.intake import receive
from tickets.services.refused import Refused

LATER = NOW + timedelta(minutes=30)


def opened(sender: str = ANNA, *, at=NOW, **more) -> Ticket:
    count = Message.objects.count()
    heard = letter(sender, message_id=f"m{count}@x", received_at=at, **({"facts": vouched(sender)} | more))
    return Ticket.objects.get(pk=receive(heard, origin=origin(f"raw{count}"), now=at).ticket_id)


@pytest.fixture
def agent(db: None):
    desk()
    anna()
    return actor("agent1", "agent", "first-line")


def save(number: str, by, mode: str, text: str) -> None:
    drafts.save(number, by=by, mode=mode, writing=Writing(text), basis=NO_BASIS, now=NOW)


def told(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(stream=f"ticket:{ticket.pk}").order_by("sequence").values_list("type", flat=True))


def texts(ticket: Ticket) -> list[str]:
    return list(Message.objects.filter(ticket=ticket, direction="in").order_by("id").values_list("text", flat=True))


def whole(ticket: Ticket) -> tuple:
    row = Ticket.objects.filter(pk=ticket.pk).values_list("status", "is_unread", "due_at", "merged_into", "assignee")[0]
    clocks = Clock.objects.filter(ticket=ticket).order_by("id").values_list("id", "is_open", "due_at", "met_at")
    return row, list(clocks), texts(ticket)


def test_letters_go_with_their_authors_and_both_journals_tell(agent):
    one, other = opened(text="first"), opened(text="second", at=LATER)
    authors = list(Message.objects.order_by("id").values_list("author", "level", "sender_email"))
    merging.merge(other.number, one.number, by=agent, now=LATER)
    assert texts(one) == ["first", "second"]
    assert list(Message.objects.order_by("id").values_list("author", "level", "sender_email")) == authors
    assert told(other)[-1] == "TicketMerged"
    assert told(one)[-1] == "TicketsJoined"
    other.refresh_from_db()
    assert (other.status, other.merged_into_id, other.due_at) == ("closed", one.pk, NEVER)


@pytest.mark.parametrize("is_source_earlier", [True, False])
def test_the_earlier_deadline_is_kept_and_both_are_as_they_were_when_parted(agent, is_source_earlier):
    early, late = opened(text="early"), opened(text="late", at=LATER)
    source, target = (early, late) if is_source_earlier else (late, early)
    before = [whole(source), whole(target)]
    merging.merge(source.number, target.number, by=agent, now=LATER)
    target.refresh_from_db()
    assert target.due_at == early.due_at
    assert Clock.objects.filter(is_open=True).count() == 1
    merging.unmerge(source.number, by=agent, now=LATER + timedelta(hours=1))
    assert [whole(source), whole(target)] == before


def test_an_answer_given_while_they_were_one_is_for_both(agent):
    early, late = opened(text="early"), opened(text="late", at=LATER)
    merging.merge(late.number, early.number, by=agent, now=LATER)
    conversation.reply(early.number, by=agent, text="Done", now=LATER + timedelta(minutes=1))
    merging.unmerge(late.number, by=agent, now=LATER + timedelta(hours=1))
    assert not Clock.objects.filter(is_open=True).exists()
    assert set(Clock.objects.values_list("met_at", flat=True)) == {LATER + timedelta(minutes=1)}
    assert set(Ticket.objects.values_list("due_at", flat=True)) == {NEVER}


def test_later_mail_with_either_number_or_letter_comes_into_the_one_and_stays_when_they_part(agent):
    one, other = opened(text="first"), opened(text="second")
    merging.merge(other.number, one.number, by=agent, now=NOW)
    by_number = opened(subject=f"[HD-{other.number}] more", text="by number")
    reply_to = Message.objects.get(text="second").message_id
    by_letter = opened(in_reply_to=(reply_to,), text="by letter")
    assert {by_number.pk, by_letter.pk} == {one.pk}
    merging.unmerge(other.number, by=agent, now=NOW)
    assert texts(other) == ["second"]
    assert texts(one) == ["first", "by number", "by letter"]


def test_a_token_of_the_merged_ticket_leads_to_the_one(agent):
    one, other = opened(text="first"), opened(text="second")
    merging.merge(other.number, one.number, by=agent, now=NOW)
    copy = OutboundCopy.objects.get(message__ticket=one, participant__ticket=other)
    token = conversation.outbound_message(copy.pk).reply_to.partition("+")[2].partition("@")[0]
    assert opened(reply_tokens=(token,), text="by token").pk == one.pk


def test_a_chain_leads_to_its_end_and_comes_apart_from_its_end(agent):
    a, b, c = opened(text="a"), opened(text="b"), opened(text="c")
    merging.merge(a.number, b.number, by=agent, now=NOW)
    merging.merge(b.number, c.number, by=agent, now=NOW)
    assert sorted(texts(c)) == ["a", "b", "c"]
    assert get_ticket_to_work(agent, a.number).pk == c.pk
    assert opened(subject=f"HD-{a.number}", text="late").pk == c.pk
    with pytest.raises(Refused):
        merging.unmerge(a.number, by=agent, now=NOW)
    merging.unmerge(b.number, by=agent, now=NOW)
    assert sorted(texts(b)) == ["a", "b"]
    merging.unmerge(a.number, by=agent, now=NOW)
    assert [texts(t) for t in (a, b, c)] == [["a"], ["b"], ["c", "late"]]


def test_nobody_takes_part_in_more_than_before(agent):
    one, other = opened(text="first"), opened(text="second")
    Participant.objects.create(ticket=other, email=BORIS, added_by="staff:1", added_at=NOW)
    merging.merge(other.number, one.number, by=agent, now=NOW)
    assert list(Participant.objects.filter(ticket=one).values_list("email", flat=True)) == [ANNA]
    reply = conversation.reply(one.number, by=agent, text="To Anna alone", now=NOW)
    assert list(reply.copies.values_list("email", flat=True)) == [ANNA]


def test_what_colleagues_were_writing_is_not_lost(agent):
    one, other = opened(), opened()
    for ticket, text in ((one, "begun here"), (other, "begun there")):
        save(ticket.number, agent, "reply", text)
    save(other.number, agent, "note", "a thought")
    conversation.add_note(other.number, by=agent, text="seen", now=NOW)
    save(other.number, agent, "note", "a thought")
    merging.merge(other.number, one.number, by=agent, now=NOW)
    kept = dict(Draft.objects.filter(ticket=one).values_list("mode", "text"))
    assert kept == {"reply": "begun here\n\nbegun there", "note": "a thought"}
    assert Note.objects.get().ticket_id == one.pk


def test_a_page_of_the_merged_ticket_left_open_works_on_the_one(agent):
    one, other = opened(), opened()
    merging.merge(other.number, one.number, by=agent, now=NOW)
    assignment.claim(other.number, by=agent, now=NOW)
    one.refresh_from_db()
    assert one.assignee_id == agent.staff_id


SIDE = {"email": ANNA, "account_id": None, "contact_id": None, "level": Level.VOUCHED, "kind": Kind.INCIDENT,
        "status": Status.OPEN, "is_spam": False, "is_merged": False}  # fmt: skip
CONTACT = {"account_id": 1, "contact_id": 5, "level": Level.RECOGNISED}


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        pytest.param({}, {}, "", id="one address"),
        pytest.param({"level": Level.CLAIMED}, {}, "", id="one address, answers go to it alone"),
        pytest.param({"level": Level.CONTRADICTED}, {}, "merge_strangers", id="a contradicted one"),
        pytest.param({"email": BORIS}, {}, "merge_strangers", id="two addresses"),
        pytest.param({"email": ""}, {"email": ""}, "merge_strangers", id="no address is no common one"),
        pytest.param({"account_id": 1}, {"account_id": 2}, "merge_strangers", id="one address, two accounts"),
        pytest.param({"email": BORIS, **CONTACT}, CONTACT, "", id="recognised contacts of one account"),
        pytest.param(
            {"email": BORIS, **CONTACT, "level": Level.VOUCHED}, CONTACT, "merge_strangers", id="one less sure"
        ),
        pytest.param({"email": BORIS, **CONTACT, "contact_id": None}, CONTACT, "merge_strangers", id="one not on file"),
        pytest.param({"kind": Kind.RESTRICTED}, {}, "merge_restricted", id="restricted into plain"),
        pytest.param({}, {"kind": Kind.RESTRICTED}, "merge_restricted", id="plain into restricted"),
        pytest.param({}, {"status": Status.RESOLVED}, "merge_into_done", id="into a done one"),
        pytest.param({"status": Status.RESOLVED}, {}, "", id="a done one"),
        pytest.param({"is_spam": True}, {}, "merge_spam", id="spam"),
        pytest.param({}, {"is_merged": True}, "merged_already", id="into a merged one"),
    ],
)
def test_who_may_come_together(source, target, why):
    assert refusal(Side(**(SIDE | source)), Side(**(SIDE | target))) == why


@pytest.mark.parametrize("sender", [BORIS, MALLORY])
def test_strangers_tickets_stay_apart(agent, sender):
    one, other = opened(), opened(sender)
    with pytest.raises(Refused) as why:
        merging.merge(other.number, one.number, by=agent, now=NOW)
    assert why.value.code == "merge_strangers"


def test_a_held_message_is_decided_first(agent):
    one, other = opened(), opened(text="other")
    opened(MALLORY, in_reply_to=(Message.objects.get(text="other").message_id,))
    with pytest.raises(Refused) as why:
        merging.merge(other.number, one.number, by=agent, now=NOW)
    assert why.value.code == "merge_held"


@pytest.mark.parametrize("into", ["itself", "000000000", "", "HD-abc"])
def test_no_other_ticket_is_refused(agent, into):
    ticket = opened()
    with pytest.raises(Refused):
        merging.merge(ticket.number, ticket.number if into == "itself" else into, by=agent, now=NOW)


def test_it_takes_the_right_to_both(agent):
    one, other = opened(), opened()
    assignment.move_to_queue(other.number, queue_slug="domains", by=agent, now=NOW)
    with pytest.raises(Refused) as why:
        merging.merge(one.number, other.number, by=agent, now=NOW)
    assert why.value.code == "no_such_ticket"
    with pytest.raises(NotVisible):
        merging.merge(other.number, one.number, by=agent, now=NOW)
    quality = actor("quality", "quality", "first-line")
    for act in (merging.merge, sorting.link):
        with pytest.raises(NotVisible):
            act(one.number, other.number, by=quality, now=NOW)


def test_it_is_parted_once(agent):
    one, other = opened(), opened()
    merging.merge(other.number, one.number, by=agent, now=NOW)
    merging.unmerge(other.number, by=agent, now=NOW)
    with pytest.raises(NotVisible):
        merging.unmerge(other.number, by=agent, now=NOW)
    merging.merge(other.number, one.number, by=agent, now=NOW)
    assert Merge.objects.filter(undone_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_merging_crosswise_exactly_one_wins():
    desk()
    anna()
    people = [actor(login, "agent", "first-line") for login in ("one", "two")]
    for _ in range(5):
        a, b = opened(), opened()
        start, ends = threading.Barrier(2), []

        def work(who, source, target, start=start, ends=ends):
            try:
                start.wait(timeout=30)
                merging.merge(source.number, target.number, by=who, now=NOW)
                ends.append("won")
            except Refused as why:
                ends.append(why.code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=each) for each in ((people[0], a, b), (people[1], b, a))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert sorted(ends) == ["merged_already", "won"]
        assert Ticket.objects.filter(pk__in=(a.pk, b.pk), merged_into=None).count() == 1


def test_a_letter_gets_a_ticket_of_its_own(agent):
    ticket = opened(text="first")
    reply_to = Message.objects.get(text="first").message_id
    opened(in_reply_to=(reply_to,), subject="Another thing", text="second", at=LATER)
    second = Message.objects.get(text="second")
    new = sorting.split_off(ticket.number, message_public_id=str(second.public_id), by=agent, now=LATER)
    assert (new.subject, new.requester_email, new.level) == ("Another thing", ANNA, second.level)
    assert (texts(ticket), texts(new)) == (["first"], ["second"])
    clock = Clock.objects.get(ticket=new)
    assert (clock.due_at, new.due_at) == (LATER + clock.target, clock.due_at)
    assert told(ticket)[-1] == "MessageMoved"
    assert told(new) == ["TicketOpened", "MessageCame"]
    conversation.reply(new.number, by=agent, text="On it", now=LATER)


def test_the_only_letter_stays(agent):
    ticket = opened(text="first")
    message = Message.objects.get(text="first")
    with pytest.raises(Refused) as why:
        sorting.split_off(ticket.number, message_public_id=str(message.public_id), by=agent, now=NOW)
    assert why.value.code == "only_message"


def test_a_letter_moves_between_tickets_of_one_person_and_no_further(agent):
    one, other, strangers = opened(text="first"), opened(text="elsewhere"), opened(BORIS)
    opened(in_reply_to=(Message.objects.get(text="first").message_id,), text="second")
    second = str(Message.objects.get(text="second").public_id)
    with pytest.raises(Refused) as why:
        sorting.move_message(one.number, message_public_id=second, to_number=strangers.number, by=agent, now=NOW)
    assert why.value.code == "merge_strangers"
    sorting.move_message(one.number, message_public_id=second, to_number=other.number, by=agent, now=NOW)
    assert texts(other) == ["elsewhere", "second"]
    assert (told(one)[-1], told(other)[-1]) == ("MessageMoved", "MessageCame")


def test_tickets_are_linked_from_either_side_once(agent):
    one, other = opened(), opened(BORIS)
    sorting.link(one.number, other.number, by=agent, now=NOW)
    sorting.link(other.number, one.number, by=agent, now=NOW)
    assert (told(one)[-1], told(other)[-1]) == ("TicketsLinked", "TicketsLinked")
    assert told(one).count("TicketsLinked") == 1
    sorting.unlink(other.number, one.number, by=agent, now=NOW)
    assert told(one)[-1] == "TicketsUnlinked"


def test_a_merged_ticket_marked_as_spam_is_the_one_it_went_into(agent):
    one, other = opened(), opened(facts=claimed(ANNA))
    merging.merge(other.number, one.number, by=agent, now=NOW)
    lifecycle.change_status(other.number, Status.WAITING_CUSTOMER, by=agent, now=NOW)
    spam.mark(other.number, by=agent, now=NOW)
    one.refresh_from_db()
    assert (one.is_spam, one.status) == (True, "waiting_customer")


def test_several_marked_tickets_become_one_and_what_may_not_is_told(agent):
    first, second, third = (opened(text=str(n), at=NOW + timedelta(minutes=n)) for n in range(3))
    stranger = opened(MALLORY)
    numbers = [ticket.number for ticket in (third, stranger, second, first)]
    outcome = merging.merge_all([*numbers, "000"], first.number, by=agent, now=LATER)
    assert outcome.done == (second.number, third.number)
    assert outcome.refused == {"000": "no_such_ticket", stranger.number: "merge_strangers"}
    assert texts(first) == ["0", "1", "2"]


def test_parted_at_once_they_are_as_they_were(agent):
    tickets = [opened(text=str(n), at=NOW + timedelta(minutes=n)) for n in range(3)]
    conversation.reply(tickets[0].number, by=agent, text="We look", now=NOW)
    before = [whole(ticket) for ticket in tickets]
    numbers = [ticket.number for ticket in tickets]
    outcome = merging.merge_all(numbers, numbers[0], by=agent, now=LATER)
    assert Ticket.objects.get(pk=tickets[0].pk).is_unread
    undone = merging.unmerge_all(outcome.done, by=agent, now=LATER)
    assert undone.done == tuple(reversed(numbers[1:]))
    assert [whole(ticket) for ticket in tickets] == before
    assert merging.unmerge_all(outcome.done, by=agent, now=LATER).refused == dict.fromkeys(
        numbers[1:], "already_decided"
    )


def test_twenty_are_merged_in_few_queries_and_each_is_parted_as_it_was(agent, django_assert_max_num_queries):
    due = [3, 1, 2, 0, *range(4, 20)]  # minutes: the deadline goes over to the earlier one, and over again
    tickets = [opened(text=str(n), at=NOW + timedelta(minutes=minutes)) for n, minutes in enumerate(due)]
    for ticket in tickets:
        conversation.add_note(ticket.number, by=agent, text="seen", now=NOW)
        save(ticket.number, agent, "reply", f"draft {ticket.pk}")
    before, numbers = [whole(ticket) for ticket in tickets], [ticket.number for ticket in tickets]
    with django_assert_max_num_queries(30):
        outcome = merging.merge_all(numbers, numbers[0], by=agent, now=LATER)
    assert len(outcome.done) == 19
    assert texts(tickets[0]) == [str(n) for n in range(20)]
    assert Clock.objects.get(ticket=tickets[0], is_open=True).due_at == before[3][0][2] == whole(tickets[0])[0][2]
    assert Draft.objects.get(ticket=tickets[0]).text == "\n\n".join(f"draft {ticket.pk}" for ticket in tickets)
    assert Note.objects.filter(ticket=tickets[0]).count() == 20
    assert merging.unmerge_all(outcome.done, by=agent, now=LATER).refused == {}
    assert [whole(ticket) for ticket in tickets] == before


@pytest.mark.parametrize(
    ("count", "into", "why"), [(1, 0, "merge_count"), (21, 0, "merge_count"), (2, 2, "no_such_ticket")]
)
def test_bad_choices_of_tickets_to_merge_are_refused(agent, count, into, why):
    numbers = [opened().number for _ in range(min(count, 3))] + [str(n) for n in range(max(0, count - 3))]
    with pytest.raises(Refused) as refusal:
        merging.merge_all(numbers, [*numbers, "000"][into], by=agent, now=NOW)
    assert refusal.value.code == why
    assert not Merge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_merging_the_same_tickets_crosswise_one_wins():
    desk()
    anna()
    people = [actor(login, "agent", "first-line") for login in ("one", "two")]
    numbers = [opened().number for _ in range(4)]
    start, done = threading.Barrier(2), []

    def work(who, order):
        try:
            start.wait(timeout=30)
            done.append(len(merging.merge_all(order, order[0], by=who, now=NOW).done))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=work, args=(who, order))
        for who, order in zip(people, (numbers, numbers[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(done) == [0, 3]
    assert Ticket.objects.filter(merged_into=None).count() == 1
