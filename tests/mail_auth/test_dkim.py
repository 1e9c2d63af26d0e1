from datetime import UTC, datetime, timedelta

import pytest

from channels_app.mail_auth.evaluate import Hop, evaluate
from channels_app.mail_auth.resolver import Resolver
from channels_app.mail_sign import sign
from core.clock import now
from core.trust import Fact, FactKind

from .crafting import HERE, craft, mail, of

EDGE = Hop("edge", client_ip="192.0.2.1", helo="mail.example", mail_from="x@elsewhere.example")


def dkim_facts(raw: bytes, resolver: Resolver, at: datetime | None = None) -> list[Fact]:
    return of(evaluate(raw, hop=EDGE, resolver=resolver, now=at or now()), FactKind.DKIM)


def verdict(raw: bytes, resolver: Resolver, at: datetime | None = None) -> tuple[str, str]:
    (fact,) = dkim_facts(raw, resolver, at)
    return fact.verdict, fact.detail.get("reason", "")


def at(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def test_a_signature_of_the_authors_domain_passes_and_says_what_it_is(resolver, keys):
    (fact,) = dkim_facts(craft(mail(), keys[HERE]), resolver)
    assert (fact.verdict, fact.subject) == ("pass", HERE)
    assert fact.detail == {"selector": "desk", "algorithm": "rsa-sha256", "signs_from": True, "key_bits": 2048}


def test_a_signature_with_simple_forms_passes(resolver, keys):
    import dkim

    raw = mail(text="a  b \r\n\r\n\r\n")
    signature = dkim.sign(raw, b"desk", HERE.encode(), keys[HERE].encode(), canonicalize=(b"simple", b"simple"))
    assert verdict(signature + raw, resolver) == ("pass", "")


def test_mail_with_bare_line_feeds_is_judged_as_if_it_had_come_over_the_wire(resolver, keys):
    raw = craft(mail(text="one\r\n two\r\n"), keys[HERE]).replace(b"\r\n", b"\n")
    assert verdict(raw, resolver) == ("pass", "")


def test_a_key_behind_an_alias_is_found(resolver, keys):
    assert verdict(craft(mail(), keys[HERE], selector="moved"), resolver) == ("pass", "")


def test_a_key_marked_as_testing_counts_and_is_marked(resolver, keys):
    (fact,) = dkim_facts(craft(mail(), keys[HERE], selector="testing"), resolver)
    assert fact.verdict == "pass"
    assert fact.detail["is_testing"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param((b"Hello", b"Hellp"), ("fail", "body_changed"), id="the body was changed"),
        pytest.param((b"Question", b"Questiom"), ("fail", "signature_mismatch"), id="the subject was changed"),
        pytest.param((b"Anna <anna", b"Anna <boris"), ("fail", "signature_mismatch"), id="the author was changed"),
        pytest.param((b" d=", b" d=other."), ("permerror", "no_key"), id="the domain was changed"),
        pytest.param((b" s=desk", b" s=none"), ("permerror", "no_key"), id="no key at the selector"),
        pytest.param((b" s=desk", b" s=revoked"), ("permerror", "key_revoked"), id="the key was revoked"),
        pytest.param((b" s=desk", b" s=garbage"), ("permerror", "unreadable_key"), id="the key is garbage"),
        pytest.param((b" s=desk", b" s=huge"), ("permerror", "unreadable_key"), id="the key is absurdly large"),
        pytest.param((b" s=desk", b" s=other-use"), ("permerror", "key_not_for_this"), id="the key is not for mail"),
        pytest.param((b" s=desk", b" s=sha1-only"), ("permerror", "key_not_for_this"), id="the key is for SHA-1 only"),
        pytest.param((b" s=desk", b" s=.."), ("permerror", "malformed"), id="no selector at all"),
        pytest.param((b"v=1", b"v=2"), ("permerror", "malformed"), id="another version"),
        pytest.param((b"c=relaxed/relaxed", b"c=relaxed/tight"), ("permerror", "malformed"), id="an unknown form"),
        pytest.param((b" bh=", b" xx="), ("permerror", "malformed"), id="no body hash"),
        pytest.param((b" s=desk", b" s=desk; s=desk"), ("permerror", "malformed"), id="a tag twice"),
        pytest.param((b" d=", b" i=@victim.example; d="), ("permerror", "malformed"), id="an agent of another domain"),
    ],
)
def test_a_signature_that_does_not_hold_says_why(resolver, keys, change, expected):
    raw = craft(mail(), keys[HERE]).replace(*change, 1)
    assert verdict(raw, resolver) == expected


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param({"more": [("l", "5")]}, "covers_part_of_body", id="it leaves room for more body"),
        pytest.param({"more": [("l", "0")]}, "covers_part_of_body", id="it covers no body"),
        pytest.param({"signed": ("to", "subject")}, "from_not_signed", id="it does not sign the author"),
        pytest.param({"algorithm": "rsa-sha1"}, "weak_algorithm", id="it is made with SHA-1"),
        pytest.param({"more": [("x", "1700000000")]}, "expired", id="it has expired"),
        pytest.param({"more": [("t", "1600000000")]}, "old_signature", id="it is years old"),
        pytest.param({"more": [("t", "4000000000")]}, "signed_in_future", id="it was made in the future"),
    ],
)
def test_a_signature_that_proves_less_than_it_seems_is_recorded_and_ignored(resolver, keys, arguments, reason):
    assert verdict(craft(mail(), keys[HERE], **arguments), resolver) == ("policy", reason)


def test_a_short_key_is_recorded_and_ignored(resolver, short_key):
    (fact,) = dkim_facts(craft(mail(), short_key, selector="short"), resolver)
    assert (fact.verdict, fact.detail["reason"], fact.detail["key_bits"]) == ("policy", "short_key", 768)


def test_a_signature_counts_for_seven_days(resolver, keys):
    made = datetime(2026, 11, 1, tzinfo=UTC)
    raw = craft(mail(), keys[HERE], more=[("t", at(made))])
    assert verdict(raw, resolver, made + timedelta(days=7)) == ("pass", "")
    assert verdict(raw, resolver, made + timedelta(days=7, seconds=1)) == ("policy", "old_signature")


def test_a_signature_counts_until_it_expires(resolver, keys):
    made = datetime(2026, 11, 1, tzinfo=UTC)
    raw = craft(mail(), keys[HERE], more=[("t", at(made)), ("x", at(made + timedelta(hours=1)))])
    assert verdict(raw, resolver, made + timedelta(hours=1)) == ("pass", "")
    assert verdict(raw, resolver, made + timedelta(hours=1, seconds=1)) == ("policy", "expired")


def test_every_signature_is_judged_on_its_own(resolver, keys):
    raw = craft(mail(), keys["other-client.example"], domain="other-client.example")
    raw = craft(raw, keys[HERE], more=[("l", "3")])
    assert [(fact.subject, fact.verdict) for fact in dkim_facts(raw, resolver)] == [
        (HERE, "policy"),
        ("other-client.example", "pass"),
    ]


def test_only_the_ten_topmost_signatures_are_judged(resolver, keys):
    raw = b"".join(b"DKIM-Signature: v=1; d=x%d.example\r\n" % number for number in range(500)) + mail()
    found = dkim_facts(raw, resolver)
    assert len(found) == 10
    assert found[0].detail["left_out"] == 490


def test_a_second_author_breaks_the_signature(resolver, keys):
    raw = b"From: boris@other-client.example\r\n" + craft(mail(), keys[HERE])
    assert verdict(raw, resolver) == ("fail", "signature_mismatch")


def test_no_signature_counts_on_a_header_block_that_readers_read_differently(resolver, keys):
    raw = craft(mail(), keys[HERE]).replace(b"Subject:", b"this is no field\r\nSubject:", 1)
    assert verdict(raw, resolver) == ("permerror", "damaged_header_block")


def test_a_server_that_does_not_answer_gives_a_temporary_error_and_never_a_pass(hurried, keys):
    raw = craft(mail(), keys[HERE], domain="slow.example")
    assert verdict(raw, hurried) == ("temperror", "no_answer")
    raw = craft(mail(), keys[HERE], domain="broken.example")
    assert verdict(raw, hurried) == ("temperror", "no_answer")


def test_our_own_signature_holds_and_freezes_the_threading_headers(resolver, keys):
    raw = sign(
        mail(author="support@example.com"),
        domain="example.com",
        selector="desk",
        private_key_pem=keys["example.com"],
        at=now(),
    )
    assert verdict(raw, resolver) == ("pass", "")
    for name in (b"From", b"To", b"Subject", b"Reply-To", b"In-Reply-To", b"References", b"Auto-Submitted"):
        added = raw.replace(b"From: support", name + b": evil@elsewhere.example\r\nFrom: support", 1)
        assert verdict(added, resolver) == ("fail", "signature_mismatch"), name


def test_our_own_signature_survives_long_blanks_and_bare_line_feeds(resolver, keys):
    raw = mail(author="support@example.com", text="a" + " " * 200_000 + "b\n\n\n").replace(b"\r\n", b"\n")
    signed = sign(raw, domain="example.com", selector="desk", private_key_pem=keys["example.com"], at=now())
    assert verdict(signed, resolver) == ("pass", "")
    assert b"\n" not in signed.replace(b"\r\n", b"")


@pytest.mark.parametrize("key", ["", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"])
def test_signing_with_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match="PKCS#1"):
        sign(mail(), domain="example.com", selector="desk", private_key_pem=key, at=now())
