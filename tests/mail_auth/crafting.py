"""Mails and signatures as nobody's signer would make them."""

import base64
import hashlib
from collections.abc import Sequence

import dkim
from dkim.canonicalization import CanonicalizationPolicy

from channels_app.mail_auth.body import relaxed
from core.trust import Fact, FactKind

ANNA = "anna@hosting-client.example"
HERE = "hosting-client.example"


def mail(*, author: str = f"Anna <{ANNA}>", text: str = "Hello\r\n", headers: Sequence[str] = ()) -> bytes:
    lines = [*headers, f"From: {author}", "To: support@example.com", "Subject: Question", "Message-ID: <1@x.example>"]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def craft(
    raw: bytes,
    private_key_pem: str,
    *,
    domain: str = HERE,
    selector: str = "desk",
    signed: Sequence[str] = ("from", "to", "subject", "message-id"),
    algorithm: str = "rsa-sha256",
    more: Sequence[tuple[str, str]] = (),
) -> bytes:
    """`raw` under a valid signature that carries the tags `more`, whatever they say."""
    fields = [
        (b"v", b"1"),
        (b"a", algorithm.encode()),
        (b"c", b"relaxed/relaxed"),
        (b"d", domain.encode()),
        (b"s", selector.encode()),
        *((name.encode(), value.encode()) for name, value in more),
        (b"h", ":".join(signed).encode()),
        (b"bh", body_hash(raw)),
        (b"b", b"0" * 60),
    ]
    return b"DKIM-Signature: " + _header(raw, fields, signed, b"DKIM-Signature", private_key_pem, algorithm) + raw


def body_hash(raw: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(relaxed(raw.partition(b"\r\n\r\n")[2])).digest())


def seal(
    raw: bytes, private_key_pem: str, *, domain: str, said: str, validity: str = "none", instance: int = 1
) -> bytes:
    """`raw` under one more ARC set, made step by step as RFC 8617 5.1 says."""
    number = str(instance).encode()
    results = b"ARC-Authentication-Results: i=%s; %s\r\n" % (number, said.encode())
    signed = ("from", "to", "subject", "message-id")
    common = [(b"i", number), (b"a", b"rsa-sha256"), (b"d", domain.encode()), (b"s", b"desk")]
    message_fields = [
        *common[:2],
        (b"c", b"relaxed/relaxed"),
        *common[2:],
        (b"h", b":".join(name.encode() for name in signed)),
        (b"bh", body_hash(raw)),
        (b"b", b"0" * 60),
    ]
    signature = b"ARC-Message-Signature: " + _header(
        raw, message_fields, signed, b"ARC-Message-Signature", private_key_pem
    )
    chain = (results, signature)
    earlier = [(name, value) for name, value in dkim.rfc822_parse(raw)[0] if name.lower().startswith(b"arc-")]
    in_order = [*reversed(earlier), *(dkim.rfc822_parse(line)[0][0] for line in chain)]
    signer = dkim.DKIM()
    signer.headers = list(reversed(in_order))
    signer.hasher = hashlib.sha256
    seal_fields = [common[0], (b"cv", validity.encode()), *common[1:], (b"b", b"0" * 60)]
    value = signer.gen_header(
        seal_fields,
        [name.lower() for name, _ in in_order],
        CanonicalizationPolicy.from_c_value(b"relaxed/relaxed"),
        b"ARC-Seal",
        dkim.crypto.parse_pem_private_key(private_key_pem.encode()),
    )
    return b"ARC-Seal: " + value + signature + results + raw


def _header(
    raw: bytes,
    fields: list[tuple[bytes, bytes]],
    signed: Sequence[str],
    name: bytes,
    private_key_pem: str,
    algorithm: str = "rsa-sha256",
) -> bytes:
    signer = dkim.DKIM(signature_algorithm=algorithm.encode() if algorithm != "ed25519-sha256" else b"rsa-sha256")
    signer.headers = dkim.rfc822_parse(raw)[0]
    signer.hasher = hashlib.sha1 if algorithm == "rsa-sha1" else hashlib.sha256
    return signer.gen_header(
        fields,
        [each.encode() for each in signed],
        CanonicalizationPolicy.from_c_value(b"relaxed/relaxed"),
        name,
        dkim.crypto.parse_pem_private_key(private_key_pem.encode()),
    )


def of(facts: Sequence[Fact], kind: FactKind) -> list[Fact]:
    return [fact for fact in facts if fact.kind is kind]
