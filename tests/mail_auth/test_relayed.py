"""Mail from a configured hop, from a foreign one, and from nobody in particular."""

import pytest

from channels_app.mail_auth.evaluate import Hop, evaluate
from channels_app.mail_auth.relays import TrustedRelays, parse_trusted_relays
from channels_app.mail_auth.resolver import Resolver
from core.clock import now
from core.trust import Fact, FactKind

from .crafting import ANNA, HERE, craft, mail, of

PIN = frozenset({"mx.example.net"})
RECEIVED = "Received: from mail.hosting-client.example ([192.0.2.1]) by mx.example.net with ESMTPS id 1; now"
EARLIER = "Received: from laptop by mail.hosting-client.example with ESMTPSA id 2; before"
PASSED = f"Authentication-Results: mx.example.net; dmarc=pass header.from={HERE}"


def results(resolver: Resolver, *headers: str, hop: Hop | None = None, author: str = ANNA) -> list[Fact]:
    raw = mail(author=author, headers=headers)
    return list(evaluate(raw, hop=hop or Hop("relay", trusted_authserv_ids=PIN), resolver=resolver, now=now()))


def verdict(resolver: Resolver, *headers: str, hop: Hop | None = None) -> str:
    return results(resolver, *headers, hop=hop)[-1].verdict


def test_the_hops_own_words_count_with_their_source(resolver):
    facts = results(
        resolver,
        f"Authentication-Results: mx.example.net; spf=pass smtp.mailfrom={ANNA}; dkim=pass header.d={HERE}"
        f" header.s=desk; dkim=fail header.d=other.example; dmarc=pass header.from={HERE}",
        RECEIVED,
    )
    assert [(fact.kind, fact.verdict, fact.subject, fact.source) for fact in facts] == [
        (FactKind.SPF, "pass", HERE, "mx.example.net"),
        (FactKind.DKIM, "pass", HERE, "mx.example.net"),
        (FactKind.DKIM, "fail", "other.example", "mx.example.net"),
        (FactKind.DMARC, "pass", HERE, "mx.example.net"),
    ]
    assert facts[-1].detail["author"] == ANNA


@pytest.mark.parametrize("kind", ["relay", "imap", "pipe"])
def test_without_a_pin_no_header_is_believed(resolver, kind):
    facts = results(resolver, PASSED, RECEIVED, hop=Hop(kind))
    assert {fact.verdict for fact in facts} == {"none"}
    assert facts[-1].detail["reason"] == "no_trusted_hop"


def test_at_our_own_edge_every_such_header_is_ignored(resolver):
    hop = Hop("edge", "192.0.2.1", "evil.example", "m@elsewhere.example", trusted_authserv_ids=PIN)
    assert verdict(resolver, PASSED, RECEIVED, hop=hop) == "fail"


@pytest.mark.parametrize("kind", ["relay", "imap", "pipe"])
def test_behind_a_hop_neither_the_client_nor_a_signature_is_judged_by_us(resolver, keys, kind):
    hop = Hop(kind, "127.0.0.1", HERE, ANNA, trusted_authserv_ids=PIN)
    facts = evaluate(craft(mail(), keys[HERE]), hop=hop, resolver=resolver, now=now())
    assert {fact.verdict for fact in facts} == {"none"}


FORGED = [
    pytest.param((RECEIVED, PASSED), id="below the line with which the hop took the mail"),
    pytest.param((RECEIVED, EARLIER, PASSED), id="at the very bottom"),
    pytest.param((PASSED,), id="with no Received at all"),
    pytest.param((PASSED.replace("mx.example.net", "mx.evil.example"), RECEIVED), id="by another server"),
    pytest.param((PASSED.replace("mx.example.net", "mx.example.net.evil.example"), RECEIVED), id="by a longer name"),
    pytest.param((PASSED.replace("mx.example.net", "xmx.example.net"), RECEIVED), id="by a similar name"),
    pytest.param((PASSED.replace("mx.example.net", '"mx.example.net "'), RECEIVED), id="by a name with a blank"),
    pytest.param((PASSED.replace("mx.example.net", "(mx.example.net) evil"), RECEIVED), id="by a name in a comment"),
    pytest.param(
        (PASSED.replace("mx.example.net", "evil (mx.example.net)"), RECEIVED), id="with the name as a comment"
    ),
    pytest.param((f"X-{PASSED}", RECEIVED), id="in a header of another name"),
    pytest.param((f"ARC-{PASSED.replace('mx', 'i=1; mx', 1)}", RECEIVED), id="in a header of a chain"),
    pytest.param((f"Received-SPF: pass {PASSED}", RECEIVED), id="in the words of another header"),
    pytest.param((PASSED.replace(HERE, "elsewhere.example"), RECEIVED), id="about another author"),
    pytest.param((PASSED.replace(HERE, f"evil.{HERE}"), RECEIVED), id="about a name below the author's"),
    pytest.param((PASSED.split(" header.from")[0], RECEIVED), id="about nobody"),
    pytest.param((PASSED.replace("dmarc=pass", "dmarc=fail (dmarc=pass)"), RECEIVED), id="in a comment"),
    pytest.param((PASSED.replace("dmarc=pass", 'dmarc=fail reason="dmarc=pass"'), RECEIVED), id="in a reason"),
    pytest.param((PASSED.replace("dmarc=pass", "dmarc=pass-ish"), RECEIVED), id="with a word that begins alike"),
    pytest.param((PASSED.replace("dmarc=pass", "dmarc=bestguesspass"), RECEIVED), id="with a guess"),
    pytest.param((PASSED.replace("dmarc", "x-dmarc"), RECEIVED), id="of a method that sounds alike"),
    pytest.param((PASSED + f"; dmarc=fail header.from={HERE}", RECEIVED), id="together with a failure"),
    pytest.param(
        ("Authentication-Results: mx.example.net; dmarc=fail header.from=" + HERE, PASSED, RECEIVED),
        id="below the hop's own failure",
    ),
    pytest.param(("Subject : x", "no field at all", PASSED, RECEIVED), id="in a damaged header block"),
    pytest.param((f"Subject: x\r{PASSED}", RECEIVED), id="behind a bare carriage return"),
]


@pytest.mark.parametrize("headers", FORGED)
def test_a_forged_result_is_never_a_pass(resolver, headers):
    facts = results(resolver, *headers)
    assert facts[-1].verdict != "pass"
    assert not facts[-1].detail.get("aligned")


@pytest.mark.parametrize("said", ["pass", "fail", "none", "temperror", "permerror", "neutral", "policy", "unheard-of"])
@pytest.mark.parametrize("method", ["spf", "dkim", "dmarc"])
@pytest.mark.parametrize("hop", ["none", "foreign", "ours"])
def test_only_a_pass_of_our_hop_is_a_pass(resolver, hop, method, said):
    pins = {"none": frozenset(), "foreign": frozenset({"mx.other.example"}), "ours": PIN}[hop]
    words = {"spf": f"smtp.mailfrom={ANNA}", "dkim": f"header.d={HERE}", "dmarc": f"header.from={HERE}"}[method]
    facts = results(
        resolver,
        f"Authentication-Results: mx.example.net; {method}={said} {words}",
        RECEIVED,
        hop=Hop("imap", trusted_authserv_ids=pins),
    )
    assert ("pass" in {fact.verdict for fact in facts}) is (hop == "ours" and said == "pass")


def test_results_in_several_headers_of_the_hop_are_put_together_topmost_first(resolver):
    facts = results(
        resolver,
        f"Authentication-Results: mx.example.net; dmarc=pass header.from={HERE}",
        f"Authentication-Results: mx.example.net; dkim=pass header.d={HERE}; dmarc=fail header.from={HERE}",
        RECEIVED,
    )
    assert [(fact.kind, fact.verdict) for fact in facts] == [
        (FactKind.SPF, "none"),
        (FactKind.DKIM, "pass"),
        (FactKind.DMARC, "pass"),
    ]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("Received: from mx.example.net by mx.example.net (Dovecot) with LMTP id 3; now", id="by LMTP"),
        pytest.param("Received: by mx.example.net (Postfix, from userid 105) id 4; now", id="by a local process"),
    ],
)
def test_the_hops_own_hand_overs_may_stand_above_its_results(resolver, own):
    assert verdict(resolver, own, PASSED, RECEIVED) == "pass"


def test_a_greeting_cannot_pretend_to_be_a_hand_over(resolver):
    outside = "Received: from with (lmtp [192.0.2.66]) by mx.example.net with ESMTP id 5 (by x with LMTP); now"
    assert verdict(resolver, outside, PASSED, RECEIVED) == "none"


def test_a_provider_that_writes_below_its_own_line_is_read_where_the_setting_says_so(resolver):
    gmail = ("Received: by 2002:a05:6000:1 with SMTP id a1; now", RECEIVED, PASSED, EARLIER)
    assert verdict(resolver, *gmail) == "none"
    assert verdict(resolver, *gmail, hop=Hop("imap", trusted_authserv_ids=PIN, results_below_received=True)) == "pass"
    forged = (RECEIVED, EARLIER, PASSED)
    assert verdict(resolver, *forged, hop=Hop("imap", trusted_authserv_ids=PIN, results_below_received=True)) == "none"


def test_a_failure_told_by_the_hop_carries_the_domains_own_wish(resolver):
    failed = f"Authentication-Results: mx.example.net; dmarc=fail (p=none) header.from={HERE}"
    fact = results(resolver, failed, RECEIVED)[-1]
    assert (fact.verdict, fact.detail["policy"]) == ("fail", "reject")


def test_a_failure_whose_wish_cannot_be_read_has_none(hurried):
    failed = "Authentication-Results: mx.example.net; dmarc=fail header.from=slow.example"
    fact = results(hurried, failed, RECEIVED, author="x@slow.example")[-1]
    assert (fact.verdict, fact.detail.get("policy"), fact.detail["reason"]) == ("fail", None, "no_answer")


def test_a_hop_that_judges_signatures_only_still_says_who_stands_behind_the_mail(resolver):
    said = f"Authentication-Results: mx.example.net; dkim=pass header.i=@mail.{HERE}"
    fact = results(resolver, said, RECEIVED)[-1]
    assert (fact.verdict, fact.detail["aligned"]) == ("none", [f"dkim:mail.{HERE}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TrustedRelays()),
        (
            "192.0.2.10=MX.example.net",
            parse_trusted_relays(" 192.0.2.10/32 = mx.example.net , "),
        ),
    ],
)
def test_the_setting_is_read(text, expected):
    assert parse_trusted_relays(text) == expected


def test_each_kind_of_hop_finds_its_pin():
    relays = parse_trusted_relays(
        "192.0.2.0/24=mx1.example.net|mx2.example.net, ::1=local.example,"
        " imap:Help@Example.com=mx.google.com/below, pipe=mta"
    )
    assert relays.smtp_hop(client_ip="192.0.2.77", helo="h", mail_from="a@b.example") == Hop(
        "relay", "192.0.2.77", "h", "a@b.example", frozenset({"mx1.example.net", "mx2.example.net"})
    )
    assert relays.smtp_hop(client_ip="::ffff:192.0.2.77", helo="h", mail_from="").kind == "relay"
    assert relays.smtp_hop(client_ip="198.51.100.1", helo="h", mail_from="") == Hop("edge", "198.51.100.1", "h", "")
    assert relays.imap_hop("help@example.com") == Hop(
        "imap", trusted_authserv_ids=frozenset({"mx.google.com"}), results_below_received=True
    )
    assert relays.imap_hop("other@example.com") == Hop("imap")
    assert relays.pipe_hop().trusted_authserv_ids == {"mta"}
    assert relays.is_relay("::1")
    assert not relays.is_relay("127.0.0.1")
    assert not relays.is_relay("unix")


@pytest.mark.parametrize(
    "text",
    [
        "mx.example.net",
        "192.0.2.10",
        "192.0.2.10=",
        "mx.example.net=mx",
        "192.0.2.1/24=mx",
        "pipe=a b",
        "pipe=a/above",
        "=x",
    ],
)
def test_a_setting_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match=r"authserv-id|IP address"):
        parse_trusted_relays(text)


def test_an_untrusted_relay_of_the_same_mail_yields_no_spf(resolver):
    assert of(results(resolver, PASSED, RECEIVED), FactKind.SPF)[0].verdict == "none"
