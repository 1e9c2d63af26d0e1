"""To whom a reply goes, what it answers, what its author had seen, and what is kept while it is written."""

from datetime import timedelta

import pytest

from tests.cast import ANNA, BORIS, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.contracts import Address
from tickets.models import Draft, Message, OutboundCopy, Participant, Queue, Ticket
from tickets.policies.quoting import quoted
from tickets.policies.signature import chosen, filled
from tickets.queries import colleague_draft, ticket_page
from tickets.services import conversation, drafts, letters, signatures
from tickets.services.drafts import Basis, NewerDraft, Writing
from tickets.services.intake import receive
from tickets.services.replies import Envelope, WroteMeanwhile

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(minutes=5)
HOSTER = "noc@upstream.example"


@pytest.fixture
def ticket() -> Ticket:
    desk()
    anna()
    opened = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=opened.ticket_id)


@pytest.fixture
def agent(ticket):
    return actor("agent1", "agent", "first-line")


@pytest.fixture
def lead(ticket):
    return actor("lead", "lead", "first-line")


def reply(ticket, by, text="Чиним", **more) -> Message:
    return conversation.reply(ticket.number, by=by, text=text, now=SOON, **more)


def addresses(message) -> list[str]:
    return [copy.email for copy in message.copies.order_by("id")]


def copied(ticket, by) -> Participant:
    reply(ticket, by, envelope=Envelope(cc=[Address(HOSTER)]))
    return Participant.objects.get(email=HOSTER)


def test_a_copy_goes_to_whoever_was_added_and_names_everybody(ticket, agent):
    message = reply(ticket, agent, envelope=Envelope(cc=[Address(HOSTER, "NOC")]))
    assert addresses(message) == [ANNA, HOSTER]
    sent = letters.outbound_message(message.copies.get(email=HOSTER).pk)
    assert [a.email for a in sent.to] == [ANNA]
    assert [a.email for a in sent.cc] == [HOSTER]
    assert sent.reply_to != letters.outbound_message(message.copies.get(email=ANNA).pk).reply_to


def test_whoever_gets_copies_gets_the_next_reply_too_unless_he_is_left_out(ticket, agent):
    person = copied(ticket, agent)
    assert addresses(reply(ticket, agent)) == [ANNA, HOSTER]
    others = Participant.objects.exclude(pk=person.pk).values_list("pk", flat=True)
    assert addresses(reply(ticket, agent, envelope=Envelope(to=list(others)))) == [ANNA]


@pytest.mark.parametrize("facts", [pytest.param(vouched(HOSTER), id="proven"), pytest.param((), id="unproven")])
def test_what_a_copied_person_writes_is_held_until_somebody_accepts_it(ticket, agent, facts):
    copied(ticket, agent)
    copy = OutboundCopy.objects.get(email=HOSTER)
    answer = receive(letter(sender=HOSTER, in_reply_to=(copy.mail_id,), facts=facts), origin=origin(), now=SOON)
    assert answer.outcome == "held"
    held = Message.objects.get(pk=answer.message_id)
    conversation.accept_sender(ticket.number, message_public_id=str(held.public_id), by=agent, now=SOON)
    again = letter(sender=HOSTER, text="ещё", in_reply_to=(copy.mail_id,), facts=facts)
    assert receive(again, origin=origin(), now=SOON).outcome == "joined"


def test_a_reply_to_nobody_is_refused(ticket, agent):
    with pytest.raises(conversation.Refused, match="no_recipient"):
        reply(ticket, agent, envelope=Envelope(to=[]))


def test_a_participant_of_another_ticket_is_not_written_to(ticket, agent):
    other = receive(letter(sender=BORIS, subject="Другое"), origin=origin(), now=NOW)
    boris = Participant.objects.get(ticket=other.ticket_id)
    with pytest.raises(conversation.Refused, match="no_recipient"):
        reply(ticket, agent, envelope=Envelope(to=[boris.pk]))


def test_undo_forgets_who_was_added_and_brings_his_address_back(ticket, agent):
    message = reply(ticket, agent, envelope=Envelope(cc=[Address(HOSTER)]))
    conversation.withdraw(ticket.number, message_public_id=str(message.public_id), by=agent, now=SOON)
    assert not Participant.objects.filter(email=HOSTER).exists()
    assert Draft.objects.get().beside["cc"] == HOSTER


def test_a_reply_to_an_earlier_message_stands_below_it_in_the_thread(ticket, agent):
    first = Message.objects.get(direction="in")
    receive(letter(text="ещё", facts=vouched(ANNA), in_reply_to=(first.message_id,)), origin=origin(), now=SOON)
    newest = reply(ticket, agent)
    assert newest.references[-1] != first.message_id
    named = reply(ticket, agent, envelope=Envelope(answers=str(first.public_id)))
    assert named.references[-1] == first.message_id


def test_a_quote_marks_every_line_and_deepens_what_was_quoted():
    assert quoted("Добрый день\n\n> раньше\n") == "> Добрый день\n>\n>> раньше"


# What came meanwhile


def test_a_reply_stops_once_when_the_customer_has_written_meanwhile(ticket, agent):
    seen = ticket_page(agent, ticket.number, now=SOON).last_message
    first = Message.objects.get(direction="in")
    later = receive(
        letter(text="стоп", facts=vouched(ANNA), in_reply_to=(first.message_id,)), origin=origin(), now=SOON
    )
    with pytest.raises(WroteMeanwhile) as stopped:
        reply(ticket, agent, basis=Basis(seen=seen))
    assert stopped.value.since == seen
    assert not Message.objects.filter(author="agent").exists()
    assert reply(ticket, agent, basis=Basis(seen=later.message_id))


def test_a_colleague_s_answer_stops_a_reply_and_one_s_own_does_not(ticket, agent, lead):
    seen = ticket_page(agent, ticket.number, now=SOON).last_message
    reply(ticket, agent, basis=Basis(seen=seen))
    reply(ticket, agent, basis=Basis(seen=seen))
    with pytest.raises(WroteMeanwhile):
        reply(ticket, lead, basis=Basis(seen=seen))


def test_what_a_stranger_or_a_machine_writes_stops_nobody(ticket, agent):
    seen = ticket_page(agent, ticket.number, now=SOON).last_message
    first = Message.objects.get(direction="in")
    receive(letter(sender=MALLORY, in_reply_to=(first.message_id,)), origin=origin(), now=SOON)
    reply(ticket, agent, basis=Basis(seen=seen))


# Drafts


def save(ticket, by, text, *, version=None, window="", mode="reply", **beside) -> int:
    basis = Basis(version=version, window=window)
    return drafts.save(ticket.number, by=by, mode=mode, writing=Writing(text, beside), basis=basis, now=SOON)


def test_an_older_window_does_not_overwrite_a_newer_draft_and_is_told_its_text(ticket, agent):
    assert save(ticket, agent, "a", window="one") == 1
    with pytest.raises(NewerDraft) as newer:
        save(ticket, agent, "b", window="two")
    assert (newer.value.text, newer.value.version) == ("a", 1)


def test_sending_from_one_window_leaves_what_another_has_saved_since(ticket, agent):
    save(ticket, agent, "здесь", version=0, window="one")
    save(ticket, agent, "там", version=1, window="two")
    reply(ticket, agent, text="здесь", basis=Basis(version=1, window="one"))
    assert Draft.objects.get().text == "там"


def test_sending_while_the_last_save_is_on_its_way_leaves_no_draft(ticket, agent):
    save(ticket, agent, "почти", version=0, window="one")
    save(ticket, agent, "почти всё", version=1, window="one")
    reply(ticket, agent, text="почти всё", basis=Basis(version=1, window="one"))
    assert not Draft.objects.exists()


def test_a_save_that_comes_after_sending_makes_no_new_draft(ticket, agent):
    save(ticket, agent, "a", version=0, window="one")
    reply(ticket, agent, text="a", basis=Basis(version=1, window="one"))
    with pytest.raises(NewerDraft):
        save(ticket, agent, "a", version=1, window="one")
    assert not Draft.objects.exists()


def test_recipients_and_the_answered_message_are_kept_with_a_draft(ticket, agent):
    save(ticket, agent, "a", cc=HOSTER, answers="x")
    assert ticket_page(agent, ticket.number, now=SOON).drafts["reply"].beside == {"cc": HOSTER, "answers": "x"}


def test_a_colleague_s_draft_is_seen_and_nobody_else_s_work_changes_it(ticket, agent, lead):
    save(ticket, lead, "Отвечу так:\nперезапустили")
    page = ticket_page(agent, ticket.number, now=SOON)
    assert [(d.name, d.mode) for d in page.colleagues] == [("Lead", "reply")]
    assert colleague_draft(agent, ticket.number, page.colleagues[0].id)[1] == "Отвечу так:\nперезапустили"
    reply(ticket, agent)
    save(ticket, agent, "моё")
    assert Draft.objects.get(staff_id=lead.staff_id).text == "Отвечу так:\nперезапустили"


# Signatures


@pytest.mark.parametrize(
    ("own", "queues", "expected"),
    [
        pytest.param("Я", "Мы", "Я", id="a person's own comes first"),
        pytest.param(" ", "Мы", "Мы", id="then the queue's"),
        pytest.param("", "", "Имя", id="then the name"),
    ],
)
def test_which_signature_is_chosen(own, queues, expected):
    assert chosen(own=own, queues=queues, name="Имя") == expected


def test_placeholders_of_a_signature_are_filled_and_other_braces_stay():
    values = {"name": "Ира", "queue": "Хостинг", "number": "HD-1"}
    assert filled("{name}, {queue}, {number}, {x}", values) == "Ира, Хостинг, HD-1, {x}"


def test_a_reply_bears_the_signature_of_the_ticket_s_language(ticket, agent):
    signatures.keep_of_queue("hosting", language="ru", text="{name}\nСлужба поддержки, {queue}")
    signatures.keep_own(agent.staff_id, language="en", text="Cheers")
    assert ticket_page(agent, ticket.number, now=SOON).signature == "Agent1\nСлужба поддержки, Хостинг"
    assert reply(ticket, agent).text.endswith("\n\n-- \nAgent1\nСлужба поддержки, Хостинг\n")
    Ticket.objects.update(language="en")
    assert reply(ticket, agent).text.endswith("\n\n-- \nCheers\n")


def test_another_queue_s_signature_stays_away(ticket, agent):
    signatures.keep_of_queue("domains", language="ru", text="Домены")
    assert reply(ticket, agent).text.endswith("-- \nAgent1\n")
    with pytest.raises(Queue.DoesNotExist):
        signatures.keep_of_queue("nowhere", language="ru", text="x")


def test_a_letter_leaves_from_the_address_chosen_and_its_answers_come_there(ticket, agent):
    message = reply(ticket, agent, envelope=Envelope(sender="billing@example.com"))
    sent = letters.outbound_message(message.copies.get().pk)
    assert sent.sender.email == "billing@example.com"
    assert sent.reply_to.startswith("billing+t")
    assert sent.message_id.endswith("@example.com")
