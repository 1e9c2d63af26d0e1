"""ARC (RFC 8617), only from sealers we know: our own forwarder, a big list host. The arithmetic is dkimpy's."""

import re

import dkim

from channels_app.mail.addresses import normal_domain
from channels_app.mail_auth import authres
from channels_app.mail_auth.block import Block, printable, unfold
from channels_app.mail_auth.body import Body
from channels_app.mail_auth.dkim import MAX_KEY_BITS, MAX_SIGNATURE_BYTES, MIN_KEY_BITS
from channels_app.mail_auth.resolver import LookupFailed, Lookups
from core.trust import Fact, FactKind

MAX_SETS = 10
NAMES = (b"arc-seal", b"arc-message-signature", b"arc-authentication-results")

_LONG_BLANK = re.compile(rb"\s{100}")
_INSTANCE = re.compile(rb"i[ \t]*=[ \t]*(\d{1,3})[ \t]*;(.*)", re.DOTALL)


class _Chain(dkim.ARC):
    """dkimpy's chain with body hashes in linear time and keys within bounds."""

    body_of_mail: Body

    def verify_sig_process(self, sig, include_headers, sig_header, dnsfunc):  # type: ignore[no-untyped-def]
        if not MIN_KEY_BITS <= self.keysize <= MAX_KEY_BITS or self.pk["publicExponent"].bit_length() > 64:
            raise dkim.KeyFormatError("size")
        if b"l" in sig or len(include_headers) > 256:
            raise dkim.ValidationError("l= or too many fields")
        if b"bh" in sig:
            form = sig.get(b"c", b"relaxed/relaxed").partition(b"/")[2] or b"simple"
            if self.body_of_mail.hash(form, "sha256") != re.sub(rb"\s+", b"", sig[b"bh"]):
                raise dkim.ValidationError("body hash mismatch")
        rest = {name: value for name, value in sig.items() if name != b"bh"}
        return super().verify_sig_process(rest, include_headers, sig_header, dnsfunc)


def verify(block: Block, body: Body, *, sealers: frozenset[str], lookups: Lookups) -> Fact | None:
    """None where there is no chain or nobody we know sealed it last.

    `subject` is the last sealer; `detail["dmarc"]` and `["author_domain"]` are what it had seen on arrival.
    """
    seals = block.values(b"arc-seal")
    if not sealers or not seals:
        return None
    values = [value for name in NAMES for value in block.values(name)]
    sealer = _last_sealer(seals)
    if sealer not in sealers:
        return None
    too_much = len(seals) > MAX_SETS or any(
        len(value) > 2 * MAX_SIGNATURE_BYTES or _LONG_BLANK.search(value) for value in values
    )
    if too_much or block.is_damaged:
        return Fact(FactKind.ARC, "permerror", subject=sealer, detail={"reason": "malformed"})
    chain = _Chain(minkey=MIN_KEY_BITS)
    chain.headers = list(block.fields)
    chain.body_of_mail = body

    def txt(name: bytes, timeout: float = 0) -> bytes | None:
        record = next(iter(lookups.txt(name.decode("ascii"))), None)
        return record if record and len(record) <= MAX_KEY_BITS else None

    try:
        verdict, sets, _ = chain.verify(dnsfunc=txt)
    except LookupFailed:
        return Fact(FactKind.ARC, "temperror", subject=sealer, detail={"reason": "no_answer"})
    except (dkim.DKIMException, dkim.UnparsableKeyError, ValueError, TypeError, KeyError, IndexError, AssertionError):
        return Fact(FactKind.ARC, "permerror", subject=sealer, detail={"reason": "malformed"})
    detail: dict[str, object] = {"sets": len(sets)}
    if verdict == dkim.CV_Pass:
        detail |= _seen_on_arrival(sets[0].get("aar-value", b""))
    return Fact(FactKind.ARC, "pass" if verdict == dkim.CV_Pass else "fail", subject=sealer, detail=detail)


def _last_sealer(seals: list[bytes]) -> str:
    last, domain = 0, ""
    for value in seals:
        text = unfold(value)
        instance = re.search(rb"(?:^|;)\s*i\s*=\s*(\d{1,3})\s*(?:;|$)", text)
        signer = re.search(rb"(?:^|;)\s*d\s*=\s*([^;\s]{1,255})\s*(?:;|$)", text)
        if instance and signer and int(instance[1]) > last:
            last, domain = int(instance[1]), normal_domain(signer[1].decode("ascii", "replace"))
    return domain


def _seen_on_arrival(value: bytes) -> dict[str, str]:
    """The word of the sealer we know about the mail as it reached him."""
    found = _INSTANCE.match(unfold(value))
    said = authres.parse(found[2]) if found else None
    result = said.of("dmarc")[0] if said and said.of("dmarc") else None
    if said is None or result is None:
        return {}
    author = normal_domain(result.properties.get("header.from", "").rpartition("@")[2])
    return {"dmarc": printable(result.verdict), "author_domain": author, "authserv_id": printable(said.authserv_id)}
