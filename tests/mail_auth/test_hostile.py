"""Strangers choose the body, the headers, the keys and the records: nothing raises, nothing takes long."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.mail_auth.body import Body, relaxed, simple
from channels_app.mail_auth.evaluate import Hop, evaluate
from core.clock import now
from core.trust import Fact, FactKind

from .crafting import HERE, body_hash, craft, mail

SEALERS = frozenset({HERE})
B = "A" * 344


def signed(body: bytes, *, h: str = "to", b: str = B) -> bytes:
    """A forged signature whose body hash is right, so that everything after it is reached too."""
    raw = mail() + body
    tags = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={HERE}; s=desk; h=from:{h}; bh={body_hash(raw).decode()};"
    return f"DKIM-Signature: {tags}\r\n b={b}\r\n".encode() + raw


CASES = [
    pytest.param(signed(b"a" + b" " * 2_000_000 + b"b"), id="two megabytes of blanks"),
    pytest.param(signed(b"\t " * 1_000_000 + b"\r\n"), id="a million blanks of two kinds"),
    pytest.param(signed(b"\r\n" * 3_000_000), id="three million empty lines"),
    pytest.param(signed(b" \r\n" * 1_000_000 + b"x"), id="a million lines of a blank"),
    pytest.param(signed(b"x" * 36_000_000), id="thirty-six megabytes in one line"),
    pytest.param(signed(b"", b=" " * 8_000 + "!"), id="a signature of blanks"),
    pytest.param(signed(b"", b="\r\n " * 2_500 + "!"), id="a signature of folds"),
    pytest.param(signed(b"", b="A \r\n " * 1_500 + "="), id="a signature folded at each letter"),
    pytest.param(signed(b"", h=":".join(f"x{n}" for n in range(1_000))), id="a thousand signed fields"),
    pytest.param(signed(b"", h=":" * 7_000), id="seven thousand nameless fields"),
    pytest.param(b"DKIM-Signature: " + b"v=1;" * 200_000 + b"\r\n" + mail(), id="a signature of a megabyte"),
    pytest.param(b"DKIM-Signature: v=1\r\n" * 20_000 + mail(), id="twenty thousand signatures"),
    pytest.param(b"X: y\r\n" * 400_000 + mail(), id="a header block beyond any measure"),
    pytest.param(b"X: y\r\n" + b" z\r\n" * 300_000 + mail(), id="a field of three hundred thousand folds"),
    pytest.param(b"From: a@b.example\r\n" * 50_000 + b"\r\n", id="fifty thousand authors"),
    pytest.param(b"From: " + b"(" * 100_000 + b"\r\n\r\n", id="an author in parentheses"),
    pytest.param(b"From: " + b"<" * 100_000 + b"\r\n\r\n", id="an author in brackets"),
    pytest.param(b"From: " + b'"' * 99_999 + b"\r\n\r\n", id="an author in quotes"),
    pytest.param(b"From: " + b"a@b," * 100_000 + b"\r\n\r\n", id="a hundred thousand authors in one field"),
    pytest.param(b"From: a@" + b"b." * 100_000 + b"example\r\n\r\n", id="an endless domain"),
    pytest.param(
        b"ARC-Seal: i=1; d=hosting-client.example;" + b" " * 500_000 + b"x\r\n" + mail(), id="a seal of blanks"
    ),
    pytest.param(b"ARC-Seal: i=1; d=hosting-client.example; cv=none\r\n" * 5 + mail(), id="five first seals"),
    pytest.param(
        b"Authentication-Results: mx.example.net;" + b" (" * 200_000 + b"\r\n" + mail(), id="results in parentheses"
    ),
    pytest.param(b"Authentication-Results: x\r\n" * 20_000 + mail(), id="twenty thousand results"),
    pytest.param(b"Received: " + b"(" * 200_000 + b"\r\n" + mail(), id="a hop in parentheses"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"\r\n\r\n", id="empty lines"),
    pytest.param(b"\x00" * 100_000, id="a hundred thousand NULs"),
    pytest.param(b"\r" * 100_000, id="a hundred thousand carriage returns"),
    pytest.param(b":" * 100_000, id="a hundred thousand colons"),
    pytest.param(bytes(range(256)) * 500, id="every byte there is"),
]
HOPS = [
    pytest.param(Hop("edge", "192.0.2.1", "h.example", "m@hosting-client.example"), id="at the edge"),
    pytest.param(Hop("relay", trusted_authserv_ids=frozenset({"mx.example.net"})), id="behind a relay"),
]


@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("raw", CASES)
def test_a_hostile_mail_is_judged_in_time_and_vouched_for_by_nobody(resolver, raw, hop):
    begun = time.process_time()
    facts = evaluate(raw, hop=hop, resolver=resolver, now=now(), sealers=SEALERS)
    assert time.process_time() - begun < 3
    assert facts[-1].kind is FactKind.DMARC
    assert facts[-1].verdict != "pass"
    for fact in facts:
        assert Fact.from_json(fact.as_json()) == fact
        assert len(str(fact.as_json())) < 3_000
        assert "\x00" not in str(fact.as_json())


SIGNATURE = b"DKIM-Signature: v=1; a=rsa-sha256; d=hosting-client.example; s=desk; h=from; bh=AA==; b=AA=="
SEAL = b"ARC-Seal: i=1; a=rsa-sha256; d=hosting-client.example; s=desk; cv=none; b=AA=="
SEALED = b"ARC-Message-Signature: i=1; a=rsa-sha256; d=hosting-client.example; s=desk; h=from; bh=AA==; b=AA=="
RESULTS = b"Authentication-Results: mx.example.net; dmarc=pass header.from=hosting-client.example"
PIECES = [
    *(b"From: a@hosting-client.example", b"From: b@x.example, c@y.example", b"from :x", b"no colon", b" folded"),
    *(SIGNATURE, b"DKIM-Signature: v=1; a=rsa-sha256; d=; s=; h=; bh=; b=", b"DKIM-Signature: ;;;=", b"\tx"),
    *(SEAL, SEALED, b"ARC-Seal: i=x; d", b"ARC-Authentication-Results: i=1; x; dmarc=pass", b"DKIM-Signature:"),
    *(RESULTS, b"Received: from x by y; now", b"Received:", b"\xff\xfe: \xff", b"", b"\x00", b"a\rb: c"),
]
LINES = st.lists(st.sampled_from(PIECES), max_size=12)


@given(
    LINES, st.binary(max_size=60), st.sampled_from([b"\r\n", b"\n"]), st.sampled_from([hop.values[0] for hop in HOPS])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_lines_are_judged_without_failing(resolver, lines, tail, end, hop):
    facts = evaluate(end.join([*lines, tail]), hop=hop, resolver=resolver, now=now(), sealers=SEALERS)
    assert [fact.kind for fact in facts].count(FactKind.DMARC) == 1


@given(st.binary(max_size=200), st.sampled_from([hop.values[0] for hop in HOPS]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_judged_without_failing(resolver, raw, hop):
    evaluate(raw, hop=hop, resolver=resolver, now=now(), sealers=SEALERS)


BODIES = st.text(alphabet="ab \t\n", max_size=60).map(lambda text: text.replace("\n", "\r\n").encode())


@given(BODIES)
def test_our_forms_of_a_body_are_those_of_the_standard(body):
    from dkim.canonicalization import Relaxed, Simple

    ended = body if body.endswith(b"\r\n") or not body else body + b"\r\n"
    assert simple(body) == Simple.canonicalize_body(ended)
    assert relaxed(body) == (Relaxed.canonicalize_body(ended) if ended.strip(b"\r\n\t ") else b"")


@pytest.mark.parametrize(
    ("body", "expected"),
    [  # RFC 6376 3.4.5
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b"a", b"a\r\n"),
        (b"a ", b"a\r\n"),
    ],
)
def test_the_relaxed_form_as_the_standard_shows_it(body, expected):
    assert relaxed(body) == expected


def test_a_body_is_left_alone_until_a_signature_asks(resolver):
    raw = mail(text="x" * 20_000_000)
    begun = time.process_time()
    evaluate(raw, hop=HOPS[0].values[0], resolver=resolver, now=now())
    assert time.process_time() - begun < 0.1


def test_several_signatures_share_one_hash_of_the_body(keys):
    raw = craft(craft(mail(), keys[HERE]), keys[HERE])
    body = Body(raw, raw.index(b"\r\n\r\n") + 4)
    assert body.hash(b"relaxed", "sha256") is body.hash(b"relaxed", "sha256")
