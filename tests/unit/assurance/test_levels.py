from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurance.policies.levels import (
    EVIDENCE_LIFETIME,
    REASONS,
    EvidenceItem,
    LevelDecision,
    SenderRecord,
    TicketLevel,
    level_in_other_account,
    message_level,
    ticket_level,
)
from core.trust import Fact, FactKind, Level

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNA = "anna@hosting-client.example"
DOMAIN = "hosting-client.example"

CONTRADICTED, CLAIMED, VOUCHED, RECOGNISED = Level.CONTRADICTED, Level.CLAIMED, Level.VOUCHED, Level.RECOGNISED


def author(verdict: str = "single", address: str = ANNA) -> Fact:
    return Fact(FactKind.FROM_HEADER, verdict, subject=address)


def dmarc(verdict: str, **detail: object) -> Fact:
    return Fact(FactKind.DMARC, verdict, subject=DOMAIN, detail={"author": ANNA, **detail})


def arc(verdict: str = "pass", **detail: object) -> Fact:
    seen = {"dmarc": "pass", "author_domain": DOMAIN, **detail}
    return Fact(FactKind.ARC, verdict, subject="forwarder.example", detail=seen)


SPF_PASS = Fact(FactKind.SPF, "pass", subject="elsewhere.example")
DKIM_PASS = Fact(FactKind.DKIM, "pass", subject="elsewhere.example")
PASS = (author(), dmarc("pass"))
FORGED = (author(), dmarc("fail", policy="reject"))

STRANGER = SenderRecord()
WRITER = SenderRecord(has_written_before=True)
CONTACT = SenderRecord(is_contact=True, on_file_since=NOW - timedelta(days=7), has_valid_token=True)
FRESH = SenderRecord(is_contact=True, on_file_since=NOW - timedelta(days=6, hours=23), has_valid_token=True)
UNANSWERED = SenderRecord(is_contact=True, on_file_since=NOW - timedelta(days=700))
TOKEN_ONLY = SenderRecord(has_valid_token=True, has_written_before=True)
OURS = SenderRecord(is_our_address=True)
STAFF = SenderRecord(is_staff_address=True)
FALLEN = SenderRecord(domain_used_to_pass=True, has_written_before=True)


def sentence(
    name: str, facts: tuple[Fact, ...], sender: SenderRecord, level: Level, *reasons: str
) -> object:  # a row of the table below
    return pytest.param(facts, sender, level, reasons, id=name)


SENTENCES = [
    sentence(
        "an unproved mail of a stranger is a claim",
        (author(), dmarc("none", aligned=[])),
        STRANGER,
        CLAIMED,
        "nothing_vouches",
        "sender_not_seen_before",
    ),
    sentence("without any fact it is a claim", (), STRANGER, CLAIMED, "nothing_vouches", "sender_not_seen_before"),
    sentence(
        "SPF of another domain proves nothing",
        (author(), SPF_PASS, dmarc("fail", policy="none")),
        STRANGER,
        CLAIMED,
        "dmarc_fail_not_enforced",
        "sender_not_seen_before",
    ),
    sentence(
        "a signature of another domain proves nothing",
        (author(), DKIM_PASS, dmarc("none", aligned=[])),
        WRITER,
        CLAIMED,
        "nothing_vouches",
        "sender_not_on_file",
    ),
    sentence(
        "a temporary error is a claim",
        (author(), dmarc("temperror", reason="no_answer")),
        CONTACT,
        CLAIMED,
        "dns_unanswered",
    ),
    sentence(
        "a failure whose policy nobody could read is a claim",
        (author(), dmarc("fail", reason="no_answer")),
        CONTACT,
        CLAIMED,
        "dns_unanswered",
    ),
    sentence(
        "a hop that is not configured leaves a claim",
        (author(), dmarc("none", reason="no_trusted_hop")),
        CONTACT,
        CLAIMED,
        "no_trusted_hop",
    ),
    sentence(
        "a hop that judged another author leaves a claim",
        (author(), dmarc("permerror", reason="other_author_judged")),
        CONTACT,
        CLAIMED,
        "other_author_judged",
    ),
    sentence(
        "a verdict about another address than the one shown is not used",
        (author(address="boris@x.example"), dmarc("pass")),
        CONTACT,
        CLAIMED,
        "other_author_judged",
    ),
    sentence(
        "a mail without author is a claim",
        (author("missing", ""), Fact(FactKind.DMARC, "permerror", detail={"reason": "from_missing"})),
        STRANGER,
        CLAIMED,
        "from_missing",
        "sender_not_seen_before",
    ),
    sentence(
        "an author in doubt is a claim", (author("unreadable"), dmarc("pass")), CONTACT, CLAIMED, "from_unreadable"
    ),
    sentence(
        "a domain that stopped passing is a claim with a warning",
        (author(), dmarc("none", aligned=[])),
        FALLEN,
        CLAIMED,
        "nothing_vouches",
        "sender_not_on_file",
        "domain_stopped_passing",
    ),
    sentence("a forgery under p=reject is contradicted", FORGED, STRANGER, CONTRADICTED, "dmarc_fail"),
    sentence(
        "a forgery under p=quarantine is contradicted",
        (author(), dmarc("fail", policy="quarantine")),
        CONTACT,
        CONTRADICTED,
        "dmarc_fail",
    ),
    sentence("two authors are contradicted", (author("several"), dmarc("pass")), CONTACT, CONTRADICTED, "several_from"),
    sentence(
        "two authors seen by one reader only are contradicted",
        (author(), Fact(FactKind.DMARC, "permerror", detail={"reason": "several_from"})),
        CONTACT,
        CONTRADICTED,
        "several_from",
    ),
    sentence(
        "our own address without proof is contradicted",
        (author(), dmarc("none", aligned=[])),
        OURS,
        CONTRADICTED,
        "our_address_without_proof",
    ),
    sentence(
        "a colleague's address without proof is contradicted",
        (author(), dmarc("temperror")),
        STAFF,
        CONTRADICTED,
        "staff_address_without_proof",
    ),
    sentence(
        "a forwarder cannot prove a colleague",
        (author(), dmarc("fail", policy="reject"), arc()),
        STAFF,
        CONTRADICTED,
        "staff_address_without_proof",
    ),
    sentence(
        "a forgery of a domain that used to pass says both",
        FORGED,
        FALLEN,
        CONTRADICTED,
        "dmarc_fail",
        "domain_stopped_passing",
    ),
    sentence(
        "an aligned pass of a stranger is vouched for",
        PASS,
        STRANGER,
        VOUCHED,
        "dmarc_pass",
        "sender_not_seen_before",
        "no_reply_token",
    ),
    sentence(
        "alignment without a published policy is vouched for",
        (author(), dmarc("none", aligned=["dkim:x"])),
        WRITER,
        VOUCHED,
        "aligned_without_policy",
        "sender_not_on_file",
        "no_reply_token",
    ),
    sentence(
        "our own address with proof is vouched for",
        PASS,
        OURS,
        VOUCHED,
        "dmarc_pass",
        "sender_not_seen_before",
        "no_reply_token",
    ),
    sentence(
        "a token without a contact on file is vouched for",
        PASS,
        TOKEN_ONLY,
        VOUCHED,
        "dmarc_pass",
        "sender_not_on_file",
    ),
    sentence("a contact without a token is vouched for", PASS, UNANSWERED, VOUCHED, "dmarc_pass", "no_reply_token"),
    sentence("an address of six days counts one level less", PASS, FRESH, VOUCHED, "dmarc_pass", "fresh_address"),
    sentence(
        "a forwarder we know lifts a broken signature",
        (author(), dmarc("fail", policy="reject"), arc()),
        CONTACT,
        VOUCHED,
        "arc_pass",
    ),
    sentence(
        "a forwarder who saw a failure lifts nothing",
        (author(), dmarc("fail", policy="reject"), arc(dmarc="fail")),
        CONTACT,
        CONTRADICTED,
        "dmarc_fail",
    ),
    sentence(
        "a forwarder who saw another author lifts nothing",
        (author(), dmarc("fail", policy="reject"), arc(author_domain="x.example")),
        CONTACT,
        CONTRADICTED,
        "dmarc_fail",
    ),
    sentence(
        "a broken chain lifts nothing",
        (author(), dmarc("none", aligned=[]), arc("fail")),
        CONTACT,
        CLAIMED,
        "nothing_vouches",
    ),
    sentence(
        "a contact on file who answers us is recognised",
        PASS,
        CONTACT,
        RECOGNISED,
        "dmarc_pass",
        "contact_on_file",
        "reply_token_valid",
    ),
    sentence(
        "a domain that passes again has no warning",
        PASS,
        SenderRecord(
            is_contact=True, has_valid_token=True, on_file_since=NOW - timedelta(days=8), domain_used_to_pass=True
        ),
        RECOGNISED,
        "dmarc_pass",
        "contact_on_file",
        "reply_token_valid",
    ),
    sentence(
        "a domain of mixed scripts is a warning beside the level",
        (*PASS, Fact(FactKind.LOOK_ALIKE, "mixed_script")),
        STRANGER,
        VOUCHED,
        "dmarc_pass",
        "sender_not_seen_before",
        "no_reply_token",
        "look_alike_domain",
    ),
    sentence(
        "somebody else's token is a warning beside the level",
        (*PASS, Fact(FactKind.REPLY_TOKEN, "foreign")),
        STRANGER,
        VOUCHED,
        "dmarc_pass",
        "sender_not_seen_before",
        "no_reply_token",
        "reply_token_foreign",
    ),
]


@pytest.mark.parametrize(("facts", "sender", "level", "reasons"), SENTENCES)
def test_level_of_a_mail(facts, sender, level, reasons):
    assert message_level(facts, sender=sender, now=NOW) == LevelDecision(level, reasons)


VERDICTS = st.sampled_from(
    ["pass", "fail", "none", "neutral", "softfail", "policy", "temperror", "permerror", "single", "several", "missing"]
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "author": st.sampled_from([ANNA, "boris@x.example"]),
        "policy": st.sampled_from(["none", "quarantine", "reject"]),
        "aligned": st.sampled_from([[], ["dkim:x"]]),
        "reason": st.sampled_from(["several_from", "no_answer", "from_missing", "no_trusted_hop"]),
        "dmarc": st.sampled_from(["pass", "fail"]),
        "author_domain": st.sampled_from([DOMAIN, "x.example"]),
    },
)
FACTS = st.builds(
    Fact,
    kind=st.sampled_from(list(FactKind)),
    verdict=VERDICTS,
    subject=st.sampled_from(["", DOMAIN, ANNA, "x.example"]),
    detail=DETAILS,
)
SENDERS = st.builds(
    SenderRecord,
    is_contact=st.booleans(),
    on_file_since=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda age: NOW - age)),
    has_valid_token=st.booleans(),
    is_our_address=st.booleans(),
    is_staff_address=st.booleans(),
    domain_used_to_pass=st.booleans(),
    has_written_before=st.booleans(),
)
CONTRADICTIONS = [
    author("several"),
    dmarc("fail", policy="reject"),
    dmarc("fail", policy="quarantine"),
    dmarc("temperror"),
    dmarc("permerror", reason="other_author_judged"),
    author("unreadable"),
]


@given(st.lists(FACTS, max_size=6), SENDERS, st.sampled_from(CONTRADICTIONS))
def test_one_more_contradicting_fact_never_raises_a_level(facts, sender, contradiction):
    before = message_level(facts, sender=sender, now=NOW).level
    assert message_level([*facts, contradiction], sender=sender, now=NOW).level <= before


@given(st.lists(FACTS, max_size=8), SENDERS)
def test_no_mail_rises_above_recognised_and_every_reason_has_its_word(facts, sender):
    decision = message_level(facts, sender=sender, now=NOW)
    assert CONTRADICTED <= decision.level <= RECOGNISED
    assert decision.reasons
    assert set(decision.reasons) <= set(REASONS)


@given(st.lists(FACTS.filter(lambda fact: fact.kind is not FactKind.DMARC), max_size=6), SENDERS)
def test_a_temporary_error_never_passes(facts, sender):
    assert message_level([*facts, dmarc("temperror")], sender=sender, now=NOW).level <= CLAIMED


@given(st.lists(FACTS, max_size=6), SENDERS)
def test_the_order_of_facts_does_not_matter(facts, sender):
    backwards = message_level(list(reversed(facts)), sender=sender, now=NOW)
    assert backwards.level == message_level(facts, sender=sender, now=NOW).level


@given(st.lists(FACTS, max_size=6))
def test_nobody_is_vouched_for_without_a_verdict_on_the_author(facts):
    without = [fact for fact in facts if fact.kind is not FactKind.DMARC]
    assert message_level(without, sender=CONTACT, now=NOW).level <= CLAIMED


def item(
    level: Level, days_ago: float = 0, *, expires_in: timedelta | None = None, revoked: bool = False
) -> EvidenceItem:
    expires_at = None if expires_in is None else NOW + expires_in
    return EvidenceItem("mail", level, NOW - timedelta(days=days_ago), expires_at, revoked)


MONTH = EVIDENCE_LIFETIME["mail"]


@pytest.mark.parametrize(
    ("evidence", "level", "until"),
    [
        pytest.param([], CLAIMED, None, id="a ticket without evidence is a claim"),
        pytest.param([item(VOUCHED)], VOUCHED, NOW + MONTH, id="a mail speaks for its kind's lifetime"),
        pytest.param(
            [item(VOUCHED, expires_in=timedelta(hours=1))], VOUCHED, NOW + timedelta(hours=1), id="or shorter"
        ),
        pytest.param(
            [item(VOUCHED, 10), item(CLAIMED)], VOUCHED, NOW + MONTH - timedelta(days=10), id="the best counts"
        ),
        pytest.param(
            [item(VOUCHED, 10), item(VOUCHED, 2)], VOUCHED, NOW + MONTH - timedelta(days=2), id="the last to end"
        ),
        pytest.param(
            [item(VOUCHED, 1), item(RECOGNISED, 29)], RECOGNISED, NOW + timedelta(days=1), id="until the best ends"
        ),
        pytest.param([item(RECOGNISED, 30)], CLAIMED, None, id="what has run out leaves a claim"),
        pytest.param(
            [item(RECOGNISED, revoked=True), item(CLAIMED)], CLAIMED, None, id="what is revoked does not count"
        ),
        pytest.param([item(CONTRADICTED)], CONTRADICTED, None, id="a contradiction alone stays one"),
        pytest.param([item(CONTRADICTED, 400)], CONTRADICTED, None, id="waiting does not turn it into a claim"),
        pytest.param(
            [item(CONTRADICTED), item(VOUCHED, 3)],
            VOUCHED,
            NOW + MONTH - timedelta(days=3),
            id="a forger changes nothing",
        ),
        pytest.param([item(VOUCHED, -1)], CLAIMED, None, id="what is not yet does not count"),
    ],
)
def test_level_of_a_ticket(evidence, level, until):
    assert ticket_level(evidence, NOW) == TicketLevel(level, until)


ITEMS = st.builds(
    EvidenceItem,
    kind=st.sampled_from(sorted(EVIDENCE_LIFETIME)),
    level=st.sampled_from(list(Level)),
    at=st.timedeltas(timedelta(0), timedelta(days=90)).map(lambda age: NOW - age),
    expires_at=st.one_of(st.none(), st.timedeltas(timedelta(days=-30), timedelta(days=30)).map(lambda d: NOW + d)),
    revoked=st.booleans(),
)


@given(st.lists(ITEMS, max_size=6), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_ticket_never_rises_by_waiting_and_holds_until_it_says(evidence, later):
    today = ticket_level(evidence, NOW)
    assert ticket_level(evidence, NOW + later).level <= today.level
    if today.until:
        assert ticket_level(evidence, today.until - timedelta(microseconds=1)).level == today.level
        assert ticket_level(evidence, today.until).level < today.level


@given(st.lists(ITEMS, min_size=1, max_size=6))
def test_revoking_never_raises_a_ticket_above_a_claim(evidence):
    fewer = ticket_level(evidence[1:], NOW).level
    assert fewer <= max(ticket_level(evidence, NOW).level, CLAIMED)


@pytest.mark.parametrize(
    ("kind", "level", "on_file", "left"),
    [
        ("mail", CONTRADICTED, None, CONTRADICTED),
        ("form", CLAIMED, None, CLAIMED),
        ("mail", VOUCHED, None, VOUCHED),
        ("address_code", VOUCHED, None, VOUCHED),
        ("mail", RECOGNISED, None, VOUCHED),
        ("mail", RECOGNISED, timedelta(days=6), VOUCHED),
        ("mail", RECOGNISED, timedelta(days=7), RECOGNISED),
        ("panel_session", Level.AUTHORISED, timedelta(days=60), None),
        ("confirmation", Level.AUTHORISED, timedelta(days=60), None),
        ("spoken_code", RECOGNISED, timedelta(days=60), None),
    ],
)
def test_what_an_item_proves_in_another_account(kind, level, on_file, left):
    item = EvidenceItem(kind, level, NOW)
    assert level_in_other_account(item, on_file_since=on_file and NOW - on_file) == left
