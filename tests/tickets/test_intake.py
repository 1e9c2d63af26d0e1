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
from tickets.models import AutoReply, Clock, Message, OutboundCopy, Participant, Ticket
from tickets.numbers import is_valid, pretty
from tickets.policies import tokens
from tickets.services.intake import receive
from tickets.services.letters import outbound_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk():
    desk()


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


def test_a_stranger_with_the_right_number_is_held_and_told_nothing():
    ticket = opened(facts=vouched(ANNA))
    before = OutboundCopy.objects.count()
    result = receive(letter(sender=MALLORY, subject=f"Re: [{pretty(ticket.number)}]"), origin=origin(), now=NOW)
    assert (result.outcome, result.ticket_id) == (Outcome.HELD, ticket.pk)
    assert OutboundCopy.objects.count() == before
    assert not Participant.objects.filter(email=MALLORY).exists()


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
