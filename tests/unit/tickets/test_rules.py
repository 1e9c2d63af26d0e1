"""Numbers, tokens, priority, lifecycle, threading and the automatic reply: plain values in, no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.trust import Level
from tickets.contracts import Nature
from tickets.enums import Priority, Scale, Status
from tickets.numbers import CAPACITY, found_in, is_valid, number_for, pretty
from tickets.policies import tokens
from tickets.policies.auto_reply import Form, Sent, decide
from tickets.policies.lifecycle import MOVES, may_move
from tickets.policies.priority import priority_of
from tickets.policies.threading import Candidate, Placement, Way, place

KEY = b"k" * 32


@given(st.integers(0, CAPACITY - 1), st.integers(0, CAPACITY - 1))
def test_different_tickets_have_different_numbers(one, other):
    assert (number_for(one, key=KEY) == number_for(other, key=KEY)) == (one == other)


@given(st.integers(0, CAPACITY - 1), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(count, place_, step):
    number = number_for(count, key=KEY)
    wrong = number[:place_] + str((int(number[place_]) + step) % 10) + number[place_ + 1 :]
    assert is_valid(number)
    assert not is_valid(wrong)


@given(st.integers(0, CAPACITY - 1), st.integers(0, 7))
def test_two_swapped_digits_are_noticed(count, at):
    number = number_for(count, key=KEY)
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert is_valid(swapped) == (swapped == number)


def test_numbers_run_out_aloud():
    with pytest.raises(OverflowError):
        number_for(CAPACITY, key=KEY)


N = number_for(1, key=KEY)


@pytest.mark.parametrize(
    "text",
    [f"[{pretty(N)}] Re", f"hd {N}", N, f"{N[:3]} {N[3:6]} {N[6:]}", f"№{N[:3]}-{N[3:6]}-{N[6:]}", f"HD{N}"],
)
def test_a_number_is_understood_in_any_writing(text):
    assert found_in(text) == (N,)


@pytest.mark.parametrize("text", ["1234567890123", f"7{N}", "no number", "+7 495 123-45-67"])
def test_other_digits_are_no_number(text):
    assert found_in(text) == ()


def test_a_token_reads_back_and_every_changed_character_is_refused():
    token = tokens.make(123456, key=KEY)
    assert tokens.read(token, key=KEY) == 123456
    for at in range(len(token)):
        for other in "a7.":
            changed = token[:at] + other + token[at + 1 :]
            assert changed == token or tokens.read(changed, key=KEY) is None, changed
    assert tokens.read(token, key=b"x" * 32) is None


@pytest.mark.parametrize("text", ["", "t", "t.", "t.a", "ü.ü", "t" * 500, "taaa.%%%"])
def test_a_token_of_nonsense_is_refused(text):
    assert tokens.read(text, key=KEY) is None


def test_priority_never_falls_when_impact_or_urgency_rises():
    for impact in Scale:
        row = [priority_of(impact, urgency) for urgency in Scale]
        assert row == sorted(row)
    assert priority_of(Scale.HIGH, Scale.HIGH) is Priority.CRITICAL


def test_every_state_can_be_left_and_none_leads_to_itself():
    for status in Status:
        assert MOVES[status]
        assert not may_move(status, status)


@pytest.mark.parametrize(
    ("candidate", "level", "expected"),
    [
        pytest.param(None, Level.VOUCHED, Placement.NEW, id="nothing points to a ticket"),
        pytest.param(Candidate(Way.TOKEN, Status.CLOSED, True), Level.VOUCHED, Placement.NEW, id="closed ticket"),
        pytest.param(Candidate(Way.TOKEN, Status.OPEN, False), Level.RECOGNISED, Placement.HOLD, id="token of another"),
        pytest.param(Candidate(Way.REFERENCE, Status.OPEN, True), Level.CLAIMED, Placement.JOIN, id="answers our mail"),
        pytest.param(Candidate(Way.NUMBER, Status.OPEN, True), Level.CLAIMED, Placement.HOLD, id="number, unproven"),
        pytest.param(Candidate(Way.NUMBER, Status.OPEN, True), Level.VOUCHED, Placement.JOIN, id="number, vouched"),
        pytest.param(Candidate(Way.REFERENCE, Status.OPEN, False), Level.VOUCHED, Placement.HOLD, id="other sender"),
        pytest.param(Candidate(Way.NUMBER, Status.OPEN, False), Level.VOUCHED, Placement.NEW, id="only names it"),
    ],
)
def test_where_a_message_belongs(candidate, level, expected):
    assert place(candidate, level=level) is expected


def rule(**more):
    values = {
        "level": Level.CLAIMED, "nature": Nature.PERSON, "address": "a@b.example", "is_single_sender": True,
        "is_contact": False, "is_ours": False, "is_other_sender": False, "is_spam": False, "can_answer": True,
            "sent": Sent(),
    }  # fmt: skip
    return decide(**(values | more))


@pytest.mark.parametrize(
    ("case", "form"),
    [
        pytest.param({}, Form.NUMBER_ONLY, id="unproven: number only"),
        pytest.param({"level": Level.VOUCHED}, Form.WITH_SUBJECT, id="vouched: subject too"),
        pytest.param({"is_contact": True, "sent": Sent(99, 99, 99, 9999)}, Form.WITH_SUBJECT, id="on file: always"),
        pytest.param(
            {"level": Level.VOUCHED, "is_other_sender": True}, Form.NUMBER_ONLY, id="other sender: number only"
        ),
        pytest.param({"level": Level.CONTRADICTED}, Form.NONE, id="contradicted: nothing"),
        pytest.param({"is_spam": True, "is_contact": True}, Form.NONE, id="spam: nothing"),
        pytest.param({"is_ours": True}, Form.NONE, id="ourselves: nothing"),
        pytest.param({"is_single_sender": False}, Form.NONE, id="several senders: nothing"),
        pytest.param({"sent": Sent(to_address_hour=3)}, Form.NONE, id="fourth in an hour"),
        pytest.param({"sent": Sent(to_address_day=10)}, Form.NONE, id="eleventh in a day"),
        pytest.param({"sent": Sent(to_domain_hour=60)}, Form.NONE, id="domain limit"),
        pytest.param({"sent": Sent(level_one_hour=600)}, Form.NONE, id="global brake"),
        pytest.param({"can_answer": False}, Form.NONE, id="no address of ours"),
        pytest.param({"is_contact": True, "sent": Sent(at_any_level_hour=29)}, Form.WITH_SUBJECT, id="busy contact"),
        pytest.param({"is_contact": True, "sent": Sent(at_any_level_hour=30)}, Form.NONE, id="a loop, on file"),
        pytest.param({"level": Level.AUTHORISED, "sent": Sent(at_any_level_day=100)}, Form.NONE, id="a slow loop"),
    ],
)
def test_who_is_answered_at_once(case, form):
    assert rule(**case).form is form


def test_what_is_over_the_limit_goes_into_a_summary():
    assert rule(sent=Sent(to_address_hour=3)).into_summary
