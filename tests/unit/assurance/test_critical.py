"""Critical actions as sentences: who may do what with one, when, and what stops him."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurance.policies.critical import (
    CATALOGUE,
    FRESH_HOLD,
    WEIGHTY,
    ActionState,
    Standing,
    hold_of,
    may_approve,
    may_ask,
    may_authorise,
    may_execute,
    may_second,
    words_digest,
)
from assurance.policies.pressure import Signs, reasons
from core.trust import Level

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def action(**more: Any) -> Standing:
    values: dict[str, Any] = {
        "kind": "password_reset",
        "state": ActionState.AUTHORISED.value,
        "level_needed": Level.AUTHORISED,
        "needs_second_person": False,
        "requested_by": "staff:1",
        "authorised_at": NOW,
        "expires_at": NOW + timedelta(days=3),
    }
    return Standing(**(values | more))


@pytest.mark.parametrize(
    ("age", "may"),
    [(None, False), (timedelta(0), True), (timedelta(minutes=5), True), (timedelta(minutes=5, seconds=1), False)],
)
def test_nothing_is_approved_in_the_panel_without_a_fresh_factor(age: timedelta | None, may: bool) -> None:
    assert may_approve(factor_age=age) is may


@pytest.mark.parametrize(
    ("more", "proof", "reason"),
    [
        ({"state": "awaiting_proof"}, Level.AUTHORISED, ""),
        ({"state": "requested"}, Level.AUTHORISED, ""),
        ({"state": "awaiting_proof"}, Level.RECOGNISED, "level_too_low"),
        ({"state": "awaiting_proof", "level_needed": Level.STRONGLY_AUTHORISED}, Level.AUTHORISED, "level_too_low"),
        ({"state": "awaiting_proof", "expires_at": NOW}, Level.STRONGLY_AUTHORISED, "expired"),
        ({"state": "refused"}, Level.STRONGLY_AUTHORISED, "not_open"),
        ({"state": "executed"}, Level.STRONGLY_AUTHORISED, "not_open"),
        ({"state": "authorised"}, Level.STRONGLY_AUTHORISED, "not_open"),
    ],
)
def test_when_a_proof_counts(more: dict[str, Any], proof: Level, reason: str) -> None:
    assert may_authorise(action(**more), proof=proof, now=NOW).reason == reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, ""),
        ({"state": "awaiting_proof"}, "not_authorised"),
        ({"state": "executed"}, "not_authorised"),
        ({"state": "refused"}, "not_authorised"),
        ({"is_under_pressure": True}, "pressure"),
        ({"hold_until": NOW + timedelta(seconds=1)}, "held"),
        ({"hold_until": NOW}, ""),
        ({"expires_at": NOW}, "expired"),
        ({"kind": "change_owner", "weighty_done_at": NOW - timedelta(hours=71)}, "weighty_before"),
        ({"kind": "change_owner", "weighty_done_at": NOW - timedelta(hours=72)}, ""),
        ({"weighty_done_at": NOW}, ""),
        ({"needs_second_person": True}, "second_person"),
        ({"needs_second_person": True, "second_by": "staff:1"}, "same_person"),
        ({"needs_second_person": True, "second_by": "staff:2"}, ""),
    ],
)
def test_when_it_may_be_carried_out(more: dict[str, Any], reason: str) -> None:
    assert may_execute(action(**more), by="staff:1", now=NOW).reason == reason


def test_it_is_seconded_once_and_only_when_it_was_authorised() -> None:
    assert may_second(action(), by="staff:2")
    assert may_second(action(second_by="staff:3"), by="staff:2").reason == "already_seconded"
    assert may_second(action(state="awaiting_proof"), by="staff:2").reason == "not_authorised"


def test_what_may_be_asked_for() -> None:
    assert may_ask(open_in_account=2, is_active=True, missing=())
    assert may_ask(open_in_account=3, is_active=True, missing=()).reason == "too_many_open"
    assert may_ask(open_in_account=0, is_active=False, missing=()).reason == "no_such_action"
    assert may_ask(open_in_account=0, is_active=True, missing=("login",)).reason == "missing_login"


def test_what_decides_about_an_account_needs_the_highest_level() -> None:
    assert {"change_administrative_email", "change_owner", "second_factor_off", "recovery"} == set(WEIGHTY)
    assert all(CATALOGUE[code].level is Level.STRONGLY_AUTHORISED for code in WEIGHTY)
    assert CATALOGUE["recovery"].hold == FRESH_HOLD
    assert CATALOGUE["recovery"].needs_second_person


def test_a_fresh_address_waits_longer_never_shorter() -> None:
    assert hold_of(timedelta(), address_is_fresh=False, now=NOW) == timedelta()
    assert hold_of(timedelta(hours=24), address_is_fresh=True, now=NOW) == FRESH_HOLD
    assert hold_of(timedelta(hours=96), address_is_fresh=True, now=NOW) == timedelta(hours=96)
    day = timedelta(days=1)
    assert hold_of(timedelta(), address_is_fresh=False, begun_anew_at=NOW - day, now=NOW) == FRESH_HOLD - day
    assert hold_of(timedelta(), address_is_fresh=False, begun_anew_at=NOW - 4 * day, now=NOW) == timedelta()


@given(st.text(min_size=1), st.text(min_size=1))
def test_one_changed_letter_is_another_request(one: str, other: str) -> None:
    def digests(said: str) -> tuple[str, str]:
        of_it: dict[str, str] = {"kind": "refund", "account": "a", "ticket": "1"}
        return (
            words_digest(**of_it, parameters={"amount": said}, words="w"),
            words_digest(**of_it, parameters={"amount": "1"}, words=said),
        )

    assert [a == b for a, b in zip(digests(one), digests(other), strict=True)] == [one == other] * 2


def test_parts_of_a_request_do_not_run_into_each_other() -> None:
    one = words_digest(kind="a", account="bc", ticket="1", parameters={}, words="")
    other = words_digest(kind="ab", account="c", ticket="1", parameters={}, words="")
    assert one != other


@pytest.mark.parametrize(
    ("signs", "found"),
    [
        (Signs(), ()),
        (Signs(failed_proofs=4, codes_asked=5, calls=9, requests=8), ()),
        (Signs(failed_proofs=5), ("failed_proofs",)),
        (Signs(calls=10), ("many_calls",)),
        (Signs(accounts_of_caller=2), ()),
        (Signs(accounts_of_caller=3), ("one_caller",)),
        (Signs(codes_asked=6, requests=9), ("many_codes", "many_requests")),
        (Signs(asked_after_refusal=True), ("asked_after_refusal",)),
    ],
)
def test_signs_of_pressure(signs: Signs, found: tuple[str, ...]) -> None:
    assert reasons(signs) == found
