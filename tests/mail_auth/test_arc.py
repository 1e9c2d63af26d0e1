"""Chains of forwarders (RFC 8617): only the last sealer's word counts, and only if he is on our list."""

import pytest

from channels_app.mail_auth.evaluate import Hop, evaluate
from channels_app.mail_auth.resolver import Resolver
from core.clock import now
from core.trust import Fact, FactKind

from .crafting import HERE, craft, mail, of, seal

FORWARDER = "other-client.example"
SEALERS = frozenset({FORWARDER})
SAID = f"{FORWARDER}; dkim=pass header.d={HERE}; dmarc=pass header.from={HERE}"
EDGE = Hop("edge", "192.0.2.1", "mail.other-client.example", "list@other-client.example")


def chain(raw: bytes, resolver: Resolver, sealers: frozenset[str] = SEALERS) -> list[Fact]:
    return of(evaluate(raw, hop=EDGE, resolver=resolver, now=now(), sealers=sealers), FactKind.ARC)


@pytest.fixture
def forwarded(keys) -> bytes:
    return seal(mail(), keys[FORWARDER], domain=FORWARDER, said=SAID)


def test_a_chain_by_a_known_forwarder_passes_and_tells_what_he_saw(resolver, forwarded):
    (fact,) = chain(forwarded, resolver)
    assert (fact.verdict, fact.subject) == ("pass", FORWARDER)
    assert fact.detail == {"sets": 1, "dmarc": "pass", "author_domain": HERE, "authserv_id": FORWARDER}


def test_a_chain_by_anybody_else_is_not_even_looked_at(resolver, forwarded):
    assert chain(forwarded, resolver, frozenset()) == []
    assert chain(forwarded, resolver, frozenset({HERE})) == []


def test_a_second_forwarder_seals_the_first(resolver, keys, forwarded):
    raw = seal(
        forwarded,
        keys["example.com"],
        domain="example.com",
        said=f"example.com; arc=pass; dmarc=fail header.from={HERE}",
        validity="pass",
        instance=2,
    )
    (fact,) = chain(raw, resolver, frozenset({"example.com"}))
    assert (fact.verdict, fact.subject, fact.detail["dmarc"]) == ("pass", "example.com", "fail")
    assert chain(raw, resolver, SEALERS) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"Hello", b"Hellp", id="a changed body"),
        pytest.param(b"Question", b"Answer!!", id="a changed subject"),
        pytest.param(b"dmarc=pass", b"dmarc=fail", id="a changed word of the forwarder"),
        pytest.param(b"cv=none", b"cv=pass", id="a first seal that speaks of earlier ones"),
        pytest.param(b"ARC-Message-Signature", b"X-Message-Signature", id="a missing signature"),
    ],
)
def test_a_changed_chain_fails(resolver, forwarded, old, new):
    assert old in forwarded
    (fact,) = chain(forwarded.replace(old, new, 1), resolver)
    assert fact.verdict == "fail"
    assert "dmarc" not in fact.detail


def test_a_chain_whose_keys_cannot_be_asked_for_is_a_temporary_error(hurried, keys):
    raw = seal(mail(), keys[FORWARDER], domain="slow.example", said=SAID)
    (fact,) = chain(raw, hurried, frozenset({"slow.example"}))
    assert fact.verdict == "temperror"


def test_an_endless_chain_is_refused_before_any_arithmetic(resolver, forwarded):
    seals = b"".join(b"ARC-Seal: i=%d; d=other-client.example; cv=pass\r\n" % number for number in range(2, 50))
    (fact,) = chain(seals + forwarded, resolver)
    assert fact.verdict == "permerror"


def test_a_chain_stands_beside_a_signature(resolver, keys, forwarded):
    facts = evaluate(craft(forwarded, keys[HERE]), hop=EDGE, resolver=resolver, now=now(), sealers=SEALERS)
    assert [fact.kind for fact in facts] == [FactKind.SPF, FactKind.DKIM, FactKind.ARC, FactKind.DMARC]
