"""Blocked and allowed senders, and what a spam filter's verdict does at the door."""

from datetime import timedelta

import pytest

from core.trust import Fact, FactKind
from tests.cast import ANNA, MALLORY, NOW, actor, anna, desk, letter, origin, vouched
from tickets.access import NotVisible
from tickets.contracts import Nature, Outcome
from tickets.enums import SenderList
from tickets.models import AutoReply, Clock, Message, OutboundCopy, SenderRule, Ticket
from tickets.numbers import pretty
from tickets.services import sender_lists, spam
from tickets.services.intake import receive
from tickets.services.refused import Refused

SPAM = Fact(FactKind.SPAM, "spam", detail={"score": "12.1", "required": "6"})


@pytest.fixture
def lead(db: None):
    desk()
    anna()
    return actor("lead", "lead", "first-line")


def put(lead, which: SenderList, sender: str, **more) -> SenderRule:
    return sender_lists.add(which, sender, reason="noise", by=lead, now=NOW, **({"days": None} | more))


def came(sender: str = MALLORY, **more) -> tuple[Outcome, str, Ticket]:
    facts = (*vouched(sender), *more.pop("facts", ()))
    heard = letter(sender, message_id=f"{Message.objects.count()}@x", facts=facts, **more)
    done = receive(heard, origin=origin(f"raw{Message.objects.count()}"), now=NOW)
    return done.outcome, done.reason, Ticket.objects.get(pk=done.ticket_id)


@pytest.mark.parametrize("value", [MALLORY, MALLORY.upper(), "elsewhere.example", "@ELSEWHERE.example"])
def test_mail_of_a_blocked_sender_is_kept_as_spam_and_never_answered(lead, value):
    put(lead, SenderList.BLOCK, value)
    outcome, reason, ticket = came()
    assert (outcome, reason, ticket.is_spam, ticket.spam_reason) == (Outcome.OPENED, "blocked", True, "blocked")
    assert Message.objects.get().text
    assert AutoReply.objects.get().reason == "spam"
    assert not OutboundCopy.objects.exists()
    assert not Clock.objects.filter(is_open=True).exists()
    assert SenderRule.objects.get().hits == 1


def test_a_blocked_domain_holds_what_lies_below_it_and_nothing_beside_it(lead):
    put(lead, SenderList.BLOCK, "elsewhere.example")
    assert came("a@mail.elsewhere.example")[2].is_spam
    assert not came("a@notelsewhere.example")[2].is_spam


def test_the_closest_rule_decides(lead):
    put(lead, SenderList.BLOCK, "elsewhere.example")
    put(lead, SenderList.ALLOW, MALLORY)
    assert not came(MALLORY, facts=[SPAM])[2].is_spam
    assert came("other@elsewhere.example")[2].is_spam


def test_a_verdict_makes_spam_of_a_new_ticket_and_not_of_an_answer(lead):
    _, _, ticket = came(ANNA)
    first = Message.objects.get(ticket=ticket, direction="in")
    outcome, reason, again = came(ANNA, facts=[SPAM], in_reply_to=(first.message_id,), text="buy now")
    assert (outcome, reason, again.pk, again.is_spam) == (Outcome.JOINED, "", ticket.pk, False)
    assert came(MALLORY, facts=[SPAM])[2].spam_reason == "verdict"


def test_an_allowed_sender_is_spared_the_verdict_and_nothing_else(lead):
    put(lead, SenderList.ALLOW, MALLORY)
    outcome, _, ticket = came(MALLORY, facts=[SPAM])
    assert (outcome, ticket.is_spam, ticket.level) == (Outcome.OPENED, False, 2)
    forged = letter(MALLORY, facts=(Fact(FactKind.FROM_HEADER, "several"),), message_id="f@x")
    assert receive(forged, origin=origin("forged"), now=NOW).outcome is Outcome.QUARANTINED


def test_nothing_of_a_blocked_sender_comes_into_a_conversation(lead):
    _, _, ticket = came(ANNA)
    put(lead, SenderList.BLOCK, ANNA)
    first = Message.objects.get(ticket=ticket, direction="in")
    _, _, other = came(ANNA, in_reply_to=(first.message_id,), text="again")
    assert other.pk != ticket.pk
    assert other.is_spam
    _, reason, same = came(ANNA, in_reply_to=(Message.objects.get(text="again").message_id,), text="and again")
    assert (same.pk, reason) == (other.pk, "spam")


def test_taken_off_the_mark_the_ticket_waits_since_it_came(lead):
    put(lead, SenderList.BLOCK, MALLORY)
    ticket = came()[2]
    spam.unmark(ticket.number, by=lead, now=NOW + timedelta(hours=2))
    clock = Clock.objects.get(is_open=True)
    assert (clock.metric, clock.due_at) == ("first_response", NOW + clock.target)


def test_rules_end_and_are_removed_and_come_back(lead):
    rule = put(lead, SenderList.BLOCK, MALLORY, days=7)
    assert sender_lists.matching([MALLORY], now=NOW + timedelta(days=8)) == {}
    sender_lists.remove(rule.pk, by=lead, now=NOW)
    assert sender_lists.matching([MALLORY], now=NOW) == {}
    sender_lists.put_back(rule.pk, by=lead)
    assert sender_lists.matching([MALLORY], now=NOW) == {MALLORY: rule}
    with pytest.raises(Refused):
        sender_lists.put_back(rule.pk, by=lead)


def test_a_sender_stands_on_one_list(lead):
    put(lead, SenderList.BLOCK, MALLORY)
    put(lead, SenderList.ALLOW, MALLORY)
    assert SenderRule.objects.get(removed_at=None).list == "allow"


@pytest.mark.parametrize(
    ("value", "days", "why"),
    [("", None, "not_a_sender"), ("nonsense", None, "not_a_sender"), ("a b@c.example", None, "not_a_sender"),
     ("@", None, "not_a_sender"), ("x@staff.example", None, "our_own_domain"), (MALLORY, 0, "odd_days"),
     (MALLORY, 99999, "odd_days")],
)  # fmt: skip
def test_bad_entries_are_refused(lead, settings, value, days, why):
    settings.STAFF_DOMAINS = ["staff.example"]
    with pytest.raises(Refused) as refusal:
        put(lead, SenderList.BLOCK, value, days=days)
    assert refusal.value.code == why


def test_an_agent_keeps_no_lists_but_blocks_from_a_ticket(lead):
    agent = actor("agent1", "agent", "first-line")
    with pytest.raises(NotVisible):
        put(agent, SenderList.BLOCK, MALLORY)
    ticket = came()[2]
    spam.block_sender(ticket.number, by=agent, now=NOW)
    ticket.refresh_from_db()
    assert ticket.is_spam
    assert SenderRule.objects.get().value == MALLORY


def test_a_reply_that_waits_is_withdrawn_and_goes_after_all_when_the_mark_is_taken_off(lead):
    ticket = came()[2]
    assert OutboundCopy.objects.get().status == "queued"
    spam.mark(ticket.number, by=lead, now=NOW)
    assert OutboundCopy.objects.get().status == "withdrawn"
    spam.unmark(ticket.number, by=lead, now=NOW)
    assert OutboundCopy.objects.get().status == "queued"


@pytest.mark.parametrize("why", ["blocked", "verdict"])
def test_a_letter_taken_for_spam_by_mistake_gets_its_number_then_and_once(lead, why):
    if why == "blocked":
        put(lead, SenderList.BLOCK, MALLORY)
    ticket = came(facts=[SPAM] if why == "verdict" else [])[2]
    assert not OutboundCopy.objects.exists()
    spam.unmark(ticket.number, by=lead, now=NOW + timedelta(hours=1))
    copy = OutboundCopy.objects.select_related("message").get()
    assert (copy.email, copy.status) == (MALLORY, "queued")
    assert pretty(ticket.number) in copy.message.subject
    assert AutoReply.objects.get().form == "with_subject"
    spam.mark(ticket.number, by=lead, now=NOW + timedelta(hours=2))
    spam.unmark(ticket.number, by=lead, now=NOW + timedelta(hours=3))
    assert OutboundCopy.objects.get().status == "queued"
    assert Message.objects.filter(direction="out").count() == 1


def test_a_machine_taken_for_spam_is_not_answered_then_either(lead):
    ticket = came(facts=[SPAM], nature=Nature.LIST)[2]
    spam.unmark(ticket.number, by=lead, now=NOW)
    assert not OutboundCopy.objects.exists()


def test_a_promise_that_has_passed_is_not_made(lead):
    ticket = came(facts=[SPAM])[2]
    spam.unmark(ticket.number, by=lead, now=NOW + timedelta(days=30))
    said = Message.objects.get(direction="out").text
    assert "2026" not in said.replace(ticket.subject, "")
