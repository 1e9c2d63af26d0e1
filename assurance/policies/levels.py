"""From facts to a level: of one mail, of typed words, of a ticket. The only place where they are weighed.

Source: the table in docs/assurance-mail.md; sentences in tests/unit/assurance/test_levels.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.trust import Fact, FactKind, Level

FRESH_FOR = timedelta(days=7)
ENFORCED = ("quarantine", "reject")

# How long each kind of evidence speaks for a ticket's requester.
EVIDENCE_LIFETIME: dict[str, timedelta] = {
    "mail": timedelta(days=30),
    "panel_session": timedelta(days=7),
    "api_claim": timedelta(days=7),
    "address_code": timedelta(days=7),
    "form": timedelta(days=30),
    "confirmation": timedelta(days=7),
    "spoken_code": timedelta(hours=4),
    "call_back": timedelta(hours=4),
}

# Every reason a decision may carry. Pages word them in both languages; the text here says what the code means.
REASONS: dict[str, str] = {
    # contradicted
    "several_from":              "the mail names several senders",
    "dmarc_fail":                "the domain says that such a mail is not its own and asks to refuse it",
    "our_address_without_proof": "the sender is an address of ours and nothing proves it",
    "staff_address_without_proof": "the sender is an address of a colleague and nothing proves it",
    # claimed
    "address_typed":             "the address was typed into a form and nothing proves it",
    "nothing_vouches":           "no signature and no server of the domain stands behind this mail",
    "dmarc_fail_not_enforced":   "the domain does not know this mail, and asks for nothing to be done",
    "dns_unanswered":            "the domain could not be asked in time",
    "no_trusted_hop":            "the mail came through a server whose checks are not configured as trusted",
    "other_author_judged":       "the relay judged another sender than the one shown",
    "from_missing":              "the mail names no sender",
    "from_unreadable":           "the sender cannot be read without doubt",
    "domain_stopped_passing":    "mail of this domain used to be proved and this one is not",
    # vouched
    "dmarc_pass":                "the domain vouches for this mail",
    "aligned_without_policy":    "the domain vouches for this mail, without publishing a DMARC policy",
    "arc_pass":                  "a forwarder we know vouches that the mail was in order when it came to him",
    "sender_not_seen_before":    "this address has not written before",
    "sender_not_on_file":        "the address is not a contact's on file",
    "fresh_address":             "the address has been on file for less than seven days",
    "no_reply_token":            "the mail does not answer one of ours to this person",
    "code_entered":              "a code mailed to the address was entered where this was written",
    # recognised
    "contact_on_file":           "the address has been a contact's on file for at least seven days",
    "reply_token_valid":         "the mail answers one of ours to this person",
    "panel_may_ask":             "written in the control panel by a contact who may ask but not authorise",
    "api_may_ask":               "the provider's panel vouches for a contact who may ask but not authorise",
    # authorised
    "panel_may_authorise":       "written in the control panel by a contact who may authorise",
    "api_may_authorise":         "the provider's panel vouches for a contact who may authorise",
    # warnings beside any level
    "look_alike_domain":         "the domain mixes letters of several scripts and may imitate another",
    "reply_token_foreign":       "the reply address was made for somebody else",
    "reply_token_expired":       "the reply address is too old",
    "reply_token_damaged":       "the reply address was tampered with or cut",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SenderRecord:
    """What we know of the From address, looked up by the caller."""

    is_contact: bool = False
    on_file_since: datetime | None = None  # of the address itself: a changed address is a new one
    has_valid_token: bool = False  # a personal reply token made for this address and still good
    is_our_address: bool = False
    is_staff_address: bool = False
    domain_used_to_pass: bool = False
    has_written_before: bool = False


@dataclass(frozen=True, slots=True)
class LevelDecision:
    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One item of a requester's evidence. `expires_at` None: `EVIDENCE_LIFETIME` of its kind from `at`."""

    kind: str
    level: Level
    at: datetime
    expires_at: datetime | None = None
    revoked: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.expires_at or self.at + EVIDENCE_LIFETIME[self.kind]


@dataclass(frozen=True, slots=True)
class TicketLevel:
    level: Level
    until: datetime | None  # None: it will not fall by time alone


def message_level(facts: Iterable[Fact], *, sender: SenderRecord, now: datetime) -> LevelDecision:
    """The level of one mail, from 0 to 3, and why. Frozen with the message; asked once."""
    known = _Facts(tuple(facts))
    warnings = known.warnings()
    vouching = known.vouching()
    contradictions = list(known.contradictions())
    if vouching not in ("dmarc_pass", "aligned_without_policy"):  # a forwarder proves nobody to be one of us
        if sender.is_our_address:
            contradictions.append("our_address_without_proof")
        if sender.is_staff_address:
            contradictions.append("staff_address_without_proof")
    if sender.domain_used_to_pass and not vouching:
        warnings = ("domain_stopped_passing", *warnings)
    if contradictions:
        return LevelDecision(Level.CONTRADICTED, (*contradictions, *warnings))
    if not vouching:
        return LevelDecision(Level.CLAIMED, (known.doubt(), *_familiarity(sender), *warnings))
    missing = _missing_for_recognition(sender, now)
    if missing or vouching == "arc_pass":
        return LevelDecision(Level.VOUCHED, (vouching, *missing, *warnings))
    return LevelDecision(Level.RECOGNISED, (vouching, "contact_on_file", "reply_token_valid", *warnings))


# What each door for typed words may see of its writer: (kind of evidence, reason, level), the strongest first.
_TYPED: tuple[tuple[FactKind, str, str, Level], ...] = (
    (FactKind.PANEL_SESSION, "may_authorise", "panel_may_authorise", Level.AUTHORISED),
    (FactKind.API_CLAIM, "may_authorise", "api_may_authorise", Level.AUTHORISED),
    (FactKind.PANEL_SESSION, "may_ask", "panel_may_ask", Level.RECOGNISED),
    (FactKind.API_CLAIM, "may_ask", "api_may_ask", Level.RECOGNISED),
    (FactKind.ADDRESS_CODE, "entered", "code_entered", Level.VOUCHED),
)


def typed_level(facts: Iterable[Fact]) -> tuple[LevelDecision, str]:
    """The level of words typed into form, panel or another's panel, from 1 to 4, and the kind of evidence they are.

    Level 5 is never of a message: it needs a fresh second factor bound to one critical action.
    """
    seen = {(fact.kind, fact.verdict) for fact in facts}
    for kind, verdict, reason, level in _TYPED:
        if (kind, verdict) in seen:
            return LevelDecision(level, (reason,)), str(kind)
    return LevelDecision(Level.CLAIMED, ("address_typed",)), "form"


def ticket_level(evidence: Sequence[EvidenceItem], now: datetime) -> TicketLevel:
    """The best that still holds for this ticket's requester.

    Evidence that has run out leaves the requester as somebody who claims; a contradiction never turns into a claim
    by waiting. The caller passes items of this ticket's requester only.
    """
    counted = [item for item in evidence if not item.revoked and item.at <= now]
    if not counted:
        return TicketLevel(Level.CLAIMED, None)
    level = max(item.level if item.ends_at > now else min(item.level, Level.CLAIMED) for item in counted)
    if level <= Level.CLAIMED:
        return TicketLevel(level, None)
    return TicketLevel(level, max(item.ends_at for item in counted if item.level >= level and item.ends_at > now))


def level_in_other_account(item: EvidenceItem, *, on_file_since: datetime | None) -> Level | None:
    """What an item still proves once its ticket has another account, None: nothing. Who was known in one account is
    not known in another: his mail vouches for his address, and more only where that is on file since `on_file_since`.
    """
    if item.level <= Level.VOUCHED:
        return item.level
    if item.kind != "mail":
        return None
    is_known = on_file_since is not None and item.at - on_file_since >= FRESH_FOR
    return item.level if is_known else Level.VOUCHED


class _Facts:
    """The facts of one mail, asked as questions. Several of a kind must all agree before they help."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        self.author = [fact for fact in facts if fact.kind is FactKind.FROM_HEADER]
        self.dmarc = [fact for fact in facts if fact.kind is FactKind.DMARC]
        self.arc = [fact for fact in facts if fact.kind is FactKind.ARC]
        self.others = [fact for fact in facts if fact.kind in (FactKind.LOOK_ALIKE, FactKind.REPLY_TOKEN)]

    def contradictions(self) -> Iterable[str]:
        if any(fact.verdict == "several" for fact in self.author) or "several_from" in self._refusals():
            yield "several_from"
        enforced = [fact for fact in self.dmarc if fact.verdict == "fail" and fact.detail.get("policy") in ENFORCED]
        if enforced and not self._forwarder_vouches():
            yield "dmarc_fail"

    def vouching(self) -> str:
        """What stands behind the author that is shown, "" if nothing does."""
        if not self.dmarc or not self._author_was_judged():
            return ""
        if all(fact.verdict == "pass" for fact in self.dmarc):
            return "dmarc_pass"
        if all(
            fact.verdict == "pass" or (fact.verdict == "none" and fact.detail.get("aligned")) for fact in self.dmarc
        ):
            return "aligned_without_policy"
        return "arc_pass" if self._forwarder_vouches() else ""

    def doubt(self) -> str:
        """Why nothing stands behind the author."""
        for refusal in ("from_missing", "from_unreadable", "other_author_judged"):
            if refusal in self._refusals():
                return refusal
        if not self._author_was_judged():
            verdicts = {fact.verdict for fact in self.author}
            missing = {"missing": "from_missing", "unreadable": "from_unreadable"}
            return next((missing[verdict] for verdict in missing if verdict in verdicts), "other_author_judged")
        verdicts = {fact.verdict for fact in self.dmarc}
        if "temperror" in verdicts or "no_answer" in self._refusals():
            return "dns_unanswered"
        if "fail" in verdicts:
            return "dmarc_fail_not_enforced"
        return "no_trusted_hop" if "no_trusted_hop" in self._refusals() else "nothing_vouches"

    def warnings(self) -> tuple[str, ...]:
        found = []
        for fact in self.others:
            if fact.kind is FactKind.LOOK_ALIKE:
                found.append("look_alike_domain")
            elif fact.verdict in ("foreign", "expired", "damaged"):
                found.append(f"reply_token_{fact.verdict}")
        return tuple(dict.fromkeys(found))

    def _author_was_judged(self) -> bool:
        """Was it the address people see? Two readers of one hostile header may find two senders."""
        shown = {fact.subject for fact in self.author if fact.subject}
        judged = {fact.detail["author"] for fact in self.dmarc if fact.detail.get("author")}
        if any(fact.verdict != "single" for fact in self.author):
            return False
        return len(shown | judged) <= 1

    def _forwarder_vouches(self) -> bool:
        authors = {fact.subject for fact in self.dmarc}
        temporary = any(fact.verdict in ("temperror", "permerror") for fact in self.dmarc)
        return (
            bool(self.arc)
            and not temporary
            and self._author_was_judged()
            and all(
                fact.verdict == "pass"
                and fact.detail.get("dmarc") == "pass"
                and {fact.detail.get("author_domain")} == authors
                for fact in self.arc
            )
        )

    def _refusals(self) -> set[object]:
        return {fact.detail.get("reason") for fact in self.dmarc}


def _missing_for_recognition(sender: SenderRecord, now: datetime) -> tuple[str, ...]:
    missing = list(_familiarity(sender))
    if sender.is_contact and (sender.on_file_since is None or now - sender.on_file_since < FRESH_FOR):
        missing.append("fresh_address")
    if not sender.has_valid_token:
        missing.append("no_reply_token")
    return tuple(missing)


def _familiarity(sender: SenderRecord) -> tuple[str, ...]:
    if sender.is_contact:
        return ()
    return ("sender_not_on_file",) if sender.has_written_before else ("sender_not_seen_before",)
