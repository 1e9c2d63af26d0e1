"""DKIM (RFC 6376, 8301): what each signature is worth. Arithmetic by dkimpy, rules and bounds here.

A signature that proves less than it seems is recorded with the verdict "policy" and the reason, and does not count.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from channels_app.mail.addresses import normal_domain
from channels_app.mail_auth.block import Block, printable, unfold
from channels_app.mail_auth.body import Body
from channels_app.mail_auth.resolver import LookupFailed, Lookups
from core.trust import Fact, FactKind

MAX_SIGNATURES = 10
MAX_SIGNATURE_BYTES = 8_192
MAX_SIGNED_FIELDS = 256
MIN_KEY_BITS = 1024
MAX_KEY_BITS = 8192
MAX_EXPONENT_BITS = 64
MAX_AGE = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=10)

REQUIRED_TAGS = (b"v", b"a", b"b", b"bh", b"d", b"h", b"s")
_LONG_BLANK = re.compile(rb"\s{100}")
_SELECTOR = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_LOCKED_UP = (dkim.DKIMException, ValueError, TypeError, KeyError, IndexError, AssertionError)


class Refused(Exception):
    """The verdict and the reason code for which a signature does not count."""

    def __init__(self, verdict: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


def verify(
    block: Block, body: Body, *, lookups: Lookups, now: datetime, is_near: Callable[[str], bool]
) -> tuple[Fact, ...]:
    """One fact for each of the topmost signatures, in their order; a single "none" where there is none.

    Signatures of domains for which `is_near` are looked up first: a stranger's slow name server in another
    signature must not use up their time.
    """
    fields = [field for field in block.fields if field[0].lower() == b"dkim-signature"]
    if not fields:
        return (Fact(FactKind.DKIM, "none"),)
    found = [_Signature(field) for field in fields[:MAX_SIGNATURES]]
    for signature in sorted(found, key=lambda signature: not is_near(signature.detail.get("domain", ""))):
        signature.judge(block, body, lookups, now)
    return tuple(signature.fact(left_out=len(fields) - len(found)) for signature in found)


class _Signature:
    """One signature on its way from "as written" to a verdict."""

    def __init__(self, field: tuple[bytes, bytes]) -> None:
        self.field = field
        self.detail: dict[str, Any] = {}
        self.refused: Refused | None = None
        try:
            if len(field[1]) > MAX_SIGNATURE_BYTES or _LONG_BLANK.search(field[1]):
                raise Refused("permerror", "malformed")
            self.tags = _tags(unfold(field[1]))
            self.domain, self.selector = _identity(self.tags, self.detail)
        except Refused as refused:
            self.refused = refused

    def judge(self, block: Block, body: Body, lookups: Lookups, now: datetime) -> None:
        if self.refused:
            return
        try:
            if block.is_damaged:
                raise Refused("permerror", "damaged_header_block")
            _verify(self.field, self.tags, self.domain, self.selector, block, body, lookups, now, self.detail)
        except Refused as refused:
            self.refused = refused

    def fact(self, *, left_out: int) -> Fact:
        detail = {name: value for name, value in self.detail.items() if name != "domain"}
        if self.refused:
            detail["reason"] = self.refused.reason
        if left_out:
            detail["left_out"] = left_out
        verdict = self.refused.verdict if self.refused else "pass"
        return Fact(FactKind.DKIM, verdict, subject=self.detail.get("domain", ""), detail=detail)


def _verify(
    field: tuple[bytes, bytes],
    tags: Mapping[bytes, bytes],
    domain: str,
    selector: str,
    block: Block,
    body: Body,
    lookups: Lookups,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    signed = [name.strip(b" \t").lower() for name in tags[b"h"].split(b":")]
    _check_worth(tags, signed, now, detail)
    header_form, _, body_form = tags.get(b"c", b"simple").lower().partition(b"/")
    if {header_form, body_form or b"simple"} - {b"simple", b"relaxed"}:
        raise Refused("permerror", "malformed")
    if body.hash(body_form or b"simple", "sha256") != re.sub(rb"\s+", b"", tags[b"bh"]):
        raise Refused("fail", "body_changed")
    key = _key(f"{selector}._domainkey.{domain}", domain, tags, lookups, detail)
    if not _holds(field, tags, signed, block, key):
        raise Refused("fail", "signature_mismatch")


def _tags(value: bytes) -> Mapping[bytes, bytes]:
    try:
        tags = parse_tag_value(value)
    except (InvalidTagValueList, IndexError) as error:
        raise Refused("permerror", "malformed") from error
    if any(name not in tags for name in REQUIRED_TAGS) or tags[b"v"] != b"1":
        raise Refused("permerror", "malformed")
    return tags


def _identity(tags: Mapping[bytes, bytes], detail: dict[str, Any]) -> tuple[str, str]:
    domain = normal_domain(tags[b"d"].decode("ascii", "replace"))
    selector = tags[b"s"].decode("ascii", "replace").lower()
    detail["selector"] = printable(selector)
    detail["algorithm"] = printable(tags[b"a"], 40)
    if not domain or not _SELECTOR.fullmatch(selector) or len(selector) > 190:
        raise Refused("permerror", "malformed")
    detail["domain"] = domain
    agent = normal_domain(tags.get(b"i", b"@" + domain.encode()).rpartition(b"@")[2].decode("ascii", "replace"))
    if agent != domain and not agent.endswith("." + domain):
        raise Refused("permerror", "malformed")
    if tags.get(b"q", b"dns/txt").lower() != b"dns/txt":
        raise Refused("permerror", "malformed")
    return domain, selector


def _check_worth(tags: Mapping[bytes, bytes], signed: list[bytes], now: datetime, detail: dict[str, Any]) -> None:
    """Signatures that hold and still prove nothing about who wrote this mail today."""
    signed_at, expires_at = _time(tags.get(b"t")), _time(tags.get(b"x"))
    detail["signs_from"] = b"from" in signed
    if signed_at:
        detail["signed_at"] = signed_at.isoformat()
    if expires_at:
        detail["expires_at"] = expires_at.isoformat()
    if tags[b"a"] == b"ed25519-sha256":
        raise Refused("neutral", "unsupported_algorithm")
    if tags[b"a"] != b"rsa-sha256":
        raise Refused("policy", "weak_algorithm")
    if b"l" in tags:
        raise Refused("policy", "covers_part_of_body")
    if b"from" not in signed:
        raise Refused("policy", "from_not_signed")
    if len(signed) > MAX_SIGNED_FIELDS:
        raise Refused("permerror", "malformed")
    if signed_at and expires_at and expires_at < signed_at:
        raise Refused("permerror", "malformed")
    if expires_at and expires_at < now:
        raise Refused("policy", "expired")
    if signed_at and signed_at > now + CLOCK_SKEW:
        raise Refused("policy", "signed_in_future")
    if signed_at and signed_at < now - MAX_AGE:
        raise Refused("policy", "old_signature")  # a good mail of last month, sent again


def _time(value: bytes | None) -> datetime | None:
    if value is None:
        return None
    if not re.fullmatch(rb"\d{1,12}", value):
        raise Refused("permerror", "malformed")
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Refused("permerror", "malformed") from error


def _key(
    name: str, domain: str, tags: Mapping[bytes, bytes], lookups: Lookups, detail: dict[str, Any]
) -> Mapping[str, int]:
    try:
        records = lookups.txt(name)
    except LookupFailed as error:
        raise Refused("temperror", "no_answer") from error
    record = next((each for each in records if b"p=" in each), None)
    if record is None:
        raise Refused("permerror", "no_key")
    try:
        fields = parse_tag_value(record)
    except (InvalidTagValueList, IndexError) as error:
        raise Refused("permerror", "unreadable_key") from error
    if fields.get(b"v", b"DKIM1") != b"DKIM1" or b"p" not in fields or len(fields[b"p"]) > MAX_KEY_BITS:
        raise Refused("permerror", "unreadable_key")
    if not fields[b"p"]:
        raise Refused("permerror", "key_revoked")
    flags = [flag.strip() for flag in fields.get(b"t", b"").split(b":")]
    services = [service.strip() for service in fields.get(b"s", b"*").split(b":")]
    hashes = [each.strip() for each in fields.get(b"h", b"sha256").split(b":")]
    if fields.get(b"k", b"rsa") != b"rsa" or not {b"*", b"email"} & set(services) or b"sha256" not in hashes:
        raise Refused("permerror", "key_not_for_this")
    if b"s" in flags and tags.get(b"i", b"").rpartition(b"@")[2].lower() not in {b"", domain.encode()}:
        raise Refused("permerror", "key_not_for_this")
    try:
        key = dkim.crypto.parse_public_key(base64.b64decode(re.sub(rb"\s+", b"", fields[b"p"])))
    except (dkim.UnparsableKeyError, *_LOCKED_UP) as error:
        raise Refused("permerror", "unreadable_key") from error
    detail["key_bits"] = bits = key["modulus"].bit_length()
    if b"y" in flags:
        detail["is_testing"] = True
    if bits < MIN_KEY_BITS:
        raise Refused("policy", "short_key")
    if bits > MAX_KEY_BITS or key["publicExponent"].bit_length() > MAX_EXPONENT_BITS or not key["modulus"] & 1:
        raise Refused("permerror", "unreadable_key")
    return key


def _holds(
    field: tuple[bytes, bytes],
    tags: Mapping[bytes, bytes],
    signed: list[bytes],
    block: Block,
    key: Mapping[str, int],
) -> bool:
    """Only the header part is dkimpy's: the body hash was compared before, in linear time."""
    wanted = set(signed)
    signer = dkim.DKIM()
    signer.headers = [each for each in block.fields if each[0].lower() in wanted]
    signer.pk, signer.keysize, signer.ktag = key, key["modulus"].bit_length(), b"rsa"
    checked = {name: value for name, value in tags.items() if name not in (b"bh", b"l")}
    checked[b"c"] = tags.get(b"c", b"simple").lower()
    try:
        return bool(signer.verify_sig_process(checked, list(signed), field, None))
    except _LOCKED_UP as error:
        raise Refused("permerror", "malformed") from error
