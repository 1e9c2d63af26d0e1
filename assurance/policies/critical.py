"""Critical actions: what each kind needs, and whether it may be asked for, authorised, executed now. Pure.

Source: the rules of docs/assurance.md. There is no override: whoever executes asks `may_execute`, nobody else decides.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.trust import Level


class ActionState(StrEnum):
    REQUESTED = "requested"
    AWAITING_PROOF = "awaiting_proof"
    AUTHORISED = "authorised"
    EXECUTED = "executed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN = (ActionState.REQUESTED.value, ActionState.AWAITING_PROOF.value, ActionState.AUTHORISED.value)
MOST_OPEN = 3  # of an account
REQUEST_LIVES = timedelta(days=7)
PROOF_LIVES = timedelta(days=7)  # counted from the end of the hold
CONFIRMATION_LIVES = timedelta(hours=24)
CONFIRMATION_TRIES = 5
MOST_LETTERS_DAY = 5  # to one address
FRESH_ADDRESS = timedelta(days=7)
FRESH_HOLD = timedelta(hours=72)
LINKS_ARE_SENT = timedelta(days=30)  # to begin anew, since it was decided
FACTOR_IS_FRESH = timedelta(minutes=5)
IDENTITY = "confirm_request"  # nothing is executed: the confirmation itself is the evidence


@dataclass(frozen=True, slots=True)
class Kind:
    """What the built-in catalogue demands at least; administrators may demand more, never less."""

    level: Level
    hold: timedelta = timedelta()
    needs_second_person: bool = False
    parameters: tuple[str, ...] = ()
    is_weighty: bool = False  # who holds the account changes: other such actions wait afterwards
    begins_anew: bool = False  # what a sign-in proved itself with ends: all on file hear of it, all actions wait after


CATALOGUE: dict[str, Kind] = {
    IDENTITY: Kind(Level.AUTHORISED),
    "password_reset": Kind(Level.AUTHORISED, parameters=("login",)),
    "disclose_access": Kind(Level.AUTHORISED, parameters=("what",)),
    "change_dns": Kind(Level.AUTHORISED, parameters=("domain", "what")),
    "refund": Kind(Level.AUTHORISED, needs_second_person=True, parameters=("amount", "where")),
    "change_administrative_email": Kind(
        Level.STRONGLY_AUTHORISED, parameters=("new_email",), is_weighty=True
    ),
    "change_owner": Kind(
        Level.STRONGLY_AUTHORISED, needs_second_person=True, parameters=("new_owner",), is_weighty=True
    ),
    "transfer_domain": Kind(Level.STRONGLY_AUTHORISED, needs_second_person=True, parameters=("domain", "where")),
    "delete_data": Kind(Level.STRONGLY_AUTHORISED, timedelta(hours=24), True, ("what",)),
    "second_factor_off": Kind(
        Level.STRONGLY_AUTHORISED, FRESH_HOLD, True, ("login",), is_weighty=True, begins_anew=True
    ),
    "recovery": Kind(
        Level.STRONGLY_AUTHORISED, FRESH_HOLD, True, ("document", "login", "new_email"), True, begins_anew=True
    ),
}  # fmt: skip
WEIGHTY = tuple(code for code, kind in CATALOGUE.items() if kind.is_weighty)
BEGIN_ANEW = tuple(code for code, kind in CATALOGUE.items() if kind.begins_anew)
ANSWERS = ("reached", "nobody", "not_him")  # of a number on file that was called before somebody begins anew
DOCUMENTS = ("qualified_signature", "letterhead_checked", "in_person")  # what recovery accepts; never a scan alone


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a code worded on the page; "" is yes. `until`: when the answer may be another."""

    reason: str = ""
    until: datetime | None = None

    def __bool__(self) -> bool:
        return not self.reason


YES = Verdict()


@dataclass(frozen=True, slots=True)
class Standing:
    """One action as the rules see it, with what weighs on its account."""

    kind: str
    state: str
    level_needed: Level
    needs_second_person: bool
    requested_by: str
    second_by: str = ""
    authorised_at: datetime | None = None
    hold_until: datetime | None = None
    expires_at: datetime | None = None
    is_under_pressure: bool = False
    weighty_done_at: datetime | None = None  # when another weighty action of the account was executed last
    begun_anew_at: datetime | None = None  # when one that begins anew was
    prover_decides: bool = True  # whoever proved it still decides about the account
    numbers_left: int = 0  # on file and not called yet, where somebody is to begin anew


def words_digest(*, kind: str, account: str, ticket: str, parameters: Mapping[str, str], words: str) -> str:
    """What a proof refers to: one changed letter makes another request."""
    told = [kind, account, ticket, sorted(parameters.items()), words]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def may_ask(*, open_in_account: int, is_active: bool, missing: tuple[str, ...]) -> Verdict:
    if not is_active:
        return Verdict("no_such_action")
    if missing:
        return Verdict(f"missing_{missing[0]}")
    return Verdict("too_many_open") if open_in_account >= MOST_OPEN else YES


def may_approve(*, factor_age: timedelta | None) -> bool:
    """In the panel, whatever level the kind needs: a session alone confirms nothing. None: no factor was given."""
    return factor_age is not None and factor_age <= FACTOR_IS_FRESH


def may_authorise(action: Standing, *, proof: Level, now: datetime) -> Verdict:
    if action.state not in (ActionState.REQUESTED, ActionState.AWAITING_PROOF):
        return Verdict("not_open")
    if action.expires_at is not None and action.expires_at <= now:
        return Verdict("expired")
    return YES if proof >= action.level_needed else Verdict("level_too_low")


def hold_of(
    kind_hold: timedelta, *, address_is_fresh: bool, begun_anew_at: datetime | None = None, now: datetime
) -> timedelta:
    """A confirmation from an address changed of late waits, so that whoever had the old one can speak up.

    So does every one of an account in which somebody began anew.
    """
    cooling = begun_anew_at + FRESH_HOLD - now if begun_anew_at else timedelta()
    return max(kind_hold, FRESH_HOLD if address_is_fresh else timedelta(), cooling)


def may_execute(action: Standing, *, by: str, now: datetime) -> Verdict:
    if action.state != ActionState.AUTHORISED:
        return Verdict("not_authorised")
    if not action.prover_decides:
        return Verdict("prover_gone")
    if action.is_under_pressure:
        return Verdict("pressure")
    if action.hold_until is not None and now < action.hold_until:
        return Verdict("held", action.hold_until)
    if action.expires_at is not None and now >= action.expires_at:
        return Verdict("expired")
    if action.kind in WEIGHTY and action.weighty_done_at is not None:
        free = action.weighty_done_at + FRESH_HOLD
        if now < free:
            return Verdict("weighty_before", free)
    if action.begun_anew_at is not None and now < (free := action.begun_anew_at + FRESH_HOLD):
        return Verdict("begun_anew", free)
    if action.numbers_left:
        return Verdict("number_not_called")
    if action.needs_second_person:
        if not action.second_by:
            return Verdict("second_person")
        if action.second_by == by:
            return Verdict("same_person")
    return YES


def may_second(action: Standing, *, by: str) -> Verdict:
    """The second person looks at an authorised action and stands for it; the one who executes is another."""
    if action.state != ActionState.AUTHORISED:
        return Verdict("not_authorised")
    return Verdict("already_seconded") if action.second_by else YES
