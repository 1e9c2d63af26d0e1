"""From a message to a ticket: opened, joined, held, recorded, quarantined. On the real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.models import key
from core.trust import Fact, FactKind, Level
from events.chain import Link, first_break
from events.models import Delivery, Event
from tests.cast import ANNA, MALLORY, NOW, SUPPORT, anna, claimed, desk, letter, origin, vouched
from tickets.contracts import BouncedRecipient, Nature, Outcome
from tickets.models import (
    AutoReply,
    Clock,
    Counter,
    IdentityClaim,
    Message,
    OutboundCopy,
    Participant,
    Queue,
    Ticket,
)
from tickets.numbers import is_valid, pretty
from tickets.policies import tokens
from tickets.services import counters
from tickets.services.intake import receive, receive_all, with_files_stored
from tickets.services.letters import outbound_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk():
    desk()


def forwarded(email: str) -> tuple[Fact, ...]:
    """Of a domain that publishes nothing, sealed by a forwarder we know."""
    domain = email.rpartition("@")[2]
    return (
        Fact(FactKind.FROM_HEADER, "single", email),
        Fact(FactKind.ARC, "pass", "forwarder.example", detail={"dmarc": "pass", "author_domain": domain}),
        Fact(FactKind.DMARC, "none", domain, detail={"author": email}),
    )


def opened(**more):
    result = receive(letter(**more), origin=origin(), now=NOW)
    assert result.outcome is Outcome.OPENED
    return Ticket.objects.get(pk=result.ticket_id)


def test_a_letter_opens_a_ticket_with_number_clock_and_queued_answer():
    ticket = opened()
    assert is_valid(ticket.number)
    assert ticket.due_at == NOW + timedelta(hours=4)
    assert Clock.objects.get(ticket=ticket).is_open
    assert Delivery.objects.filter(subscriber="mail", state="pending").count() == 1


def test_the_same_raw_mail_twice_is_one_ticket():
    first = receive(letter(), origin=origin("raw-1"), now=NOW)
    again = receive(letter(), origin=origin("raw-1"), now=NOW)
    assert (first.ticket_id, again.ticket_id) == (first.ticket_id, first.ticket_id)
    assert Ticket.objects.count() == 1


def test_a_contact_on_file_is_matched_and_answered_with_the_subject():
    account = anna()
    ticket = opened(facts=vouched(ANNA))
    assert ticket.account_id == account.pk
    assert ticket.level == Level.VOUCHED
    assert "Сайт отдаёт 502" in outbound_message(OutboundCopy.objects.get().pk).subject


def test_an_unproven_stranger_gets_the_number_and_none_of_his_words_back():
    ticket = opened(sender=MALLORY, subject="Buy at http://evil.example", text="click")
    sent = outbound_message(OutboundCopy.objects.get().pk)
    assert pretty(ticket.number) in sent.text
    assert "evil" not in sent.subject + sent.text + sent.html + sent.recipient.name


def test_automatic_replies_to_one_unproven_address_stop_at_three_an_hour():
    for n in range(5):
        opened(sender=MALLORY, subject=f"n {n}")
    assert OutboundCopy.objects.count() == 3
    assert AutoReply.objects.filter(reason="address_limit", awaits_summary=True).count() == 2


def test_the_reply_to_our_letter_joins_by_its_signed_address_and_reopens_the_clock():
    anna()
    ticket = opened(facts=vouched(ANNA))
    token = tokens.make(Participant.objects.get().pk, key=key("reply-tokens"))
    result = receive(letter(text="Ещё вот что", facts=vouched(ANNA), reply_tokens=(token,)), origin=origin(), now=NOW)
    assert (result.outcome, result.ticket_id) == (Outcome.JOINED, ticket.pk)
    assert Message.objects.get(pk=result.message_id).level == Level.RECOGNISED


def test_a_reply_joins_by_reference_from_the_same_sender():
    ticket = opened(sender="kate@client.example")
    first = Message.objects.get(ticket=ticket, direction="in")
    result = receive(
        letter(sender="kate@client.example", text="more", in_reply_to=(first.message_id,)), origin=origin(), now=NOW
    )
    assert result.outcome is Outcome.JOINED


def test_a_stranger_with_the_right_number_is_answered_as_with_a_wrong_one():
    ticket = opened(facts=vouched(ANNA))
    for named in (pretty(ticket.number), "HD-000-000-000"):
        result = receive(letter(sender=MALLORY, subject=f"Re: [{named}]"), origin=origin(), now=NOW)
        assert (result.outcome, result.ticket_id != ticket.pk) == (Outcome.OPENED, True)
        sent = outbound_message(OutboundCopy.objects.get(email=MALLORY, message__ticket=result.ticket_id).pk)
        assert pretty(result.ticket_number) in sent.text
        assert pretty(ticket.number) not in sent.text + sent.subject
    assert not Participant.objects.filter(ticket=ticket, email=MALLORY).exists()
    assert IdentityClaim.objects.filter(kind="ticket", value=ticket.number).exclude(ticket=ticket).exists()


def test_another_sender_is_held_and_told_the_number_and_nothing_more():
    anna()
    ticket = opened(facts=vouched(ANNA), subject="Пароль от сервера")
    first = Message.objects.get(ticket=ticket, direction="in")
    stranger = letter(sender=MALLORY, in_reply_to=(first.message_id,), facts=vouched(MALLORY))
    result = receive(stranger, origin=origin(), now=NOW)
    assert (result.outcome, result.ticket_id) == (Outcome.HELD, ticket.pk)
    sent = outbound_message(OutboundCopy.objects.get(email=MALLORY).pk)
    assert pretty(ticket.number) in sent.text
    assert "Пароль" not in sent.subject + sent.text
    assert sent.reply_to == SUPPORT
    assert not Participant.objects.filter(email=MALLORY).exists()
    receive(replace(stranger, message_id="again@x"), origin=origin(), now=NOW)
    assert OutboundCopy.objects.filter(email=MALLORY).count() == 1


def test_the_number_alone_does_not_join_even_the_right_address_unproven():
    ticket = opened()
    result = receive(letter(subject=f"[{pretty(ticket.number)}] да", text="я"), origin=origin(), now=NOW)
    assert result.outcome is Outcome.HELD


def test_a_letter_with_several_senders_is_quarantined_and_writes_nothing():
    facts = (Fact(FactKind.FROM_HEADER, "several"),)
    result = receive(letter(facts=facts), origin=origin(), now=NOW)
    assert result.outcome is Outcome.QUARANTINED
    assert not Ticket.objects.exists()


def test_a_letter_in_the_desks_own_name_is_quarantined():
    assert receive(letter(sender=SUPPORT), origin=origin(), now=NOW).outcome is Outcome.QUARANTINED


def test_what_an_agent_releases_becomes_a_ticket_without_an_answer():
    facts = (Fact(FactKind.FROM_HEADER, "several"),)
    result = receive(letter(facts=facts), origin=replace(origin(), is_released=True), now=NOW)
    assert result.outcome is Outcome.OPENED
    assert AutoReply.objects.get().reason == "contradicted"


@pytest.mark.parametrize("nature", [n for n in Nature if n is not Nature.PERSON])
def test_no_machine_is_ever_answered(nature):
    receive(letter(nature=nature), origin=origin(), now=NOW)
    assert not OutboundCopy.objects.exists()


def test_a_bounce_is_noted_at_the_letter_it_returns():
    opened(facts=vouched(ANNA))
    copy = OutboundCopy.objects.get()
    bounce = letter(
        sender="mailer-daemon@client.example",
        nature=Nature.BOUNCE,
        bounced=(BouncedRecipient(ANNA, "5.1.1", "no such user"),),
        bounced_message_ids=(copy.mail_id,),
        facts=claimed("mailer-daemon@client.example"),
    )
    assert receive(bounce, origin=origin(), now=NOW).outcome is Outcome.RECORDED
    copy.refresh_from_db()
    assert copy.status == "bounced"
    assert "no such user" in copy.detail


def test_the_journal_of_a_ticket_verifies_and_an_altered_row_shows():
    ticket = opened()
    links = [
        Link(e.stream, e.sequence, e.type, e.at, e.actor, bytes(e.payload_digest), bytes(e.digest))
        for e in Event.objects.filter(stream=f"ticket:{ticket.pk}").order_by("sequence")
    ]
    assert len(links) >= 3
    assert first_break(links) is None
    assert first_break([links[0], links[1]._replace(actor="staff:9"), *links[2:]]) == 2
    assert first_break([links[0], *links[2:]]) == 2


def together(*heard):
    return receive_all([with_files_stored(each, origin=origin()) for each in heard], now=NOW)


def test_letters_filed_together_find_each_other_in_their_order():
    first = letter(message_id="q@x")
    answer = letter(text="и ещё", message_id="a@x", in_reply_to=("q@x",))
    once_more = letter(text="и вот", message_id="b@x", references=("q@x", "a@x"))
    other = letter(sender=MALLORY, message_id="o@x")
    results = together(first, other, answer, once_more)
    assert [r.outcome for r in results] == [Outcome.OPENED, Outcome.OPENED, Outcome.JOINED, Outcome.JOINED]
    assert results[0].ticket_id == results[2].ticket_id == results[3].ticket_id
    assert list(Message.objects.filter(ticket=results[0].ticket_id, direction="in").values_list("message_id", flat=True)
                .order_by("id")) == ["q@x", "a@x", "b@x"]  # fmt: skip


def test_limits_count_letters_that_are_filed_together():
    together(*[letter(sender=MALLORY, message_id=f"{n}@x") for n in range(5)])
    assert AutoReply.objects.filter(form="number_only").count() == 3
    assert AutoReply.objects.filter(reason="address_limit", awaits_summary=True).count() == 2


def test_the_number_of_statements_does_not_grow_with_the_letters(django_assert_max_num_queries):
    receive(letter(), origin=origin(), now=NOW)
    with django_assert_max_num_queries(40):
        together(*[letter(sender=f"kate{n}@client.example", message_id=f"{n}@x") for n in range(50)])


def test_a_file_that_cannot_be_filed_leaves_nothing_of_the_others():
    with pytest.raises(Queue.DoesNotExist):
        receive_all(
            [
                with_files_stored(letter(), origin=origin()),
                with_files_stored(letter(sender=MALLORY), origin=replace(origin(), queue="gone")),
            ],
            now=NOW,
        )
    assert not Ticket.objects.exists()


def test_a_domain_that_used_to_prove_itself_and_does_not_today_is_marked_whoever_writes():
    opened(facts=vouched(ANNA))
    colleague = ANNA.replace("anna", "oleg")
    result = receive(letter(sender=colleague, facts=claimed(colleague)), origin=origin(), now=NOW)
    message = Message.objects.get(pk=result.message_id)
    assert message.level == Level.CLAIMED
    assert "domain_stopped_passing" in message.reasons


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(vouched("other@proven.example"), id="of another domain"),
        pytest.param(forwarded("x@client.example"), id="whose mail a forwarder vouched for"),
    ],
)
def test_a_domain_that_never_proved_itself_is_not_said_to_have_stopped(facts):
    opened(facts=facts, sender=facts[0].subject, message_id="before@x")
    result = receive(letter("y@client.example", message_id="after@x"), origin=origin("after"), now=NOW)
    message = Message.objects.get(pk=result.message_id)
    assert Ticket.objects.earliest("pk").level == Level.VOUCHED
    assert message.level == Level.CLAIMED
    assert "domain_stopped_passing" not in message.reasons


def test_counters_follow_every_ticket_filed_and_rebuild_to_the_same():
    together(*[letter(sender=f"kate{n}@client.example", message_id=f"{n}@x") for n in range(5)])
    Ticket.objects.filter(pk=Ticket.objects.first().pk).update(status="resolved")
    counters.fold(NOW)
    followed = dict(Counter.objects.exclude(total=0).values_list("key", "total"))
    assert followed["open"] == 4
    counters.rebuild()
    assert dict(Counter.objects.exclude(total=0).values_list("key", "total")) == followed
