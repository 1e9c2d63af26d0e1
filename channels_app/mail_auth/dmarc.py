"""DMARC (RFC 7489): does what passed belong to the domain people see in From?"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

from channels_app.mail_auth.block import printable
from channels_app.mail_auth.resolver import Lookups
from core.trust import Fact, FactKind

_WEAKER = {"reject": "quarantine", "quarantine": "none", "none": "none"}
MAX_RECORD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain asks to be done with mail that fails, and how near its own names must be."""

    domain: str  # where the record stands
    wish: str  # none | quarantine | reject, the subdomain's wish where that is asked about
    percent: int = 100
    is_testing: bool = False
    is_strict_dkim: bool = False
    is_strict_spf: bool = False

    @property
    def applied(self) -> str:
        """A wish for a part of the mail only is taken one step down for all of it: no dice in a verdict."""
        return _WEAKER[self.wish] if self.percent < 100 or self.is_testing else self.wish


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organization(domain: str) -> str:
    """The domain somebody registered: example.co.uk for mail.example.co.uk; a public suffix itself stays."""
    return _suffixes().privatesuffix(domain) or domain


def is_aligned(domain: str, author_domain: str, *, is_strict: bool = False) -> bool:
    if not domain or not author_domain:
        return False
    return domain == author_domain or (not is_strict and organization(domain) == organization(author_domain))


def published(author_domain: str, lookups: Lookups) -> Policy | None:
    """None: no record. Raises `LookupFailed`."""
    for domain in dict.fromkeys((author_domain, organization(author_domain))):
        records = [each for each in lookups.txt(f"_dmarc.{domain}") if each.startswith(b"v=DMARC1")]
        if len(records) == 1 and len(records[0]) <= MAX_RECORD_BYTES:
            return _read(records[0], domain, is_subdomain=domain != author_domain)
        if records:
            return None
    return None


def judge(author_domain: str, policy: Policy | None, spf: Fact, dkim: Sequence[Fact]) -> Fact:
    """The verdict over facts of our own."""
    strict_dkim, strict_spf = bool(policy and policy.is_strict_dkim), bool(policy and policy.is_strict_spf)
    vouching = aligned(author_domain, [spf], is_strict=strict_spf) + aligned(author_domain, dkim, is_strict=strict_dkim)
    detail: dict[str, object] = {"aligned": [f"{fact.kind}:{fact.subject}" for fact in vouching]}
    if policy is None:
        return Fact(FactKind.DMARC, "none", subject=author_domain, detail=detail)
    detail |= as_detail(policy)
    verdict = "pass" if vouching else "fail"
    undecided = [
        fact for fact in (spf, *dkim) if fact.verdict == "temperror" and is_aligned(fact.subject, author_domain)
    ]
    if verdict == "fail" and undecided:
        verdict = "temperror"
    return Fact(FactKind.DMARC, verdict, subject=author_domain, detail=detail)


def aligned(author_domain: str, facts: Iterable[Fact], *, is_strict: bool = False) -> list[Fact]:
    return [
        fact
        for fact in facts
        if fact.verdict == "pass" and is_aligned(fact.subject, author_domain, is_strict=is_strict)
    ]


def as_detail(policy: Policy) -> dict[str, object]:
    return {
        "policy": policy.applied,
        "published": policy.wish,
        "percent": policy.percent,
        "record_at": policy.domain,
    }


def _read(record: bytes, domain: str, *, is_subdomain: bool) -> Policy:
    tags: dict[str, str] = {}
    for part in record.decode("ascii", "replace").split(";"):
        name, _, value = part.partition("=")
        tags.setdefault(name.strip().lower(), value.strip().lower())
    wish = tags.get("p", "none")
    if is_subdomain:
        wish = tags.get("sp", wish)
    percent = tags.get("pct", "100")
    return Policy(
        domain=printable(domain),
        wish=wish if wish in _WEAKER else "none",
        percent=min(int(percent), 100) if percent.isascii() and percent.isdigit() and len(percent) < 4 else 100,
        is_testing=tags.get("t") == "y",
        is_strict_dkim=tags.get("adkim") == "s",
        is_strict_spf=tags.get("aspf") == "s",
    )
