"""What a configured hop wrote about a mail it handed on (RFC 8601). Nothing else in the mail is believed."""

import re
from collections.abc import Iterator

from channels_app.mail.addresses import normal_domain
from channels_app.mail_auth import authres, dmarc
from channels_app.mail_auth.block import Block, printable, unfold
from channels_app.mail_auth.relays import Hop
from channels_app.mail_auth.resolver import LookupFailed, Lookups
from core.trust import Fact, FactKind

MAX_INSTANCES = 20
MAX_SIGNATURES = 10

_COMMENT_OR_QUOTED = re.compile(rb'\((?:[^()\\]|\\.)*\)|"(?:[^"\\]|\\.)*"', re.DOTALL)
_VERDICTS = {
    "spf": frozenset({"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror", "policy"}),
    "dkim": frozenset({"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"}),
    "dmarc": frozenset({"none", "pass", "fail", "temperror", "permerror"}),
}
_OLD_WORDS = {"hardfail": "fail", "error": "temperror", "unknown": "permerror"}


def facts(block: Block, hop: Hop, author_domain: str, lookups: Lookups) -> tuple[Fact, ...]:
    """`author_domain` is "" where From names no single author."""
    spoken = list(_spoken(block, hop)) if hop.trusted_authserv_ids and not block.is_damaged else []
    reason = {} if spoken else {"reason": "no_trusted_hop" if not hop.trusted_authserv_ids else "hop_says_nothing"}
    spf = next((_spf(each, said) for said in spoken for each in said.of("spf")[:1]), None)
    dkim = next(([_dkim(each, said) for each in said.of("dkim")] for said in spoken if said.of("dkim")), [])
    spf = spf or Fact(FactKind.SPF, "none", detail=reason)
    dkim = dkim[:MAX_SIGNATURES] or [Fact(FactKind.DKIM, "none", detail=reason)]
    return (spf, *dkim, _dmarc(spoken, author_domain, spf, dkim, lookups, reason))


def _spoken(block: Block, hop: Hop) -> Iterator[authres.Results]:
    """The hop's own instances, topmost first."""
    written = written_by_hop(block, frozenset({b"authentication-results"}), below=hop.results_below_received)
    for _, value in written[:MAX_INSTANCES]:
        found = authres.parse(unfold(value))
        if found and found.authserv_id in hop.trusted_authserv_ids:
            yield found


def written_by_hop(block: Block, names: frozenset[bytes], *, below: bool) -> list[tuple[bytes, bytes]]:
    """Fields of these lower-case names above the `Received` line with which the hop took the mail from outside.

    Lines of its own hand-overs (no "from", or by LMTP, which no stranger speaks) are passed over. With `below`,
    everything up to the next `Received` after that line counts too.
    """
    found: list[tuple[bytes, bytes]] = []
    borders = 0
    for name, value in block.fields:
        lowered = name.lower()
        if lowered in names:
            found.append((lowered, value))
        elif lowered == b"received":
            borders += borders > 0 or _is_from_outside(value)
            if borders > int(below):
                return found
    return found if borders else []


def _is_from_outside(received: bytes) -> bool:
    words = _COMMENT_OR_QUOTED.sub(b" ", unfold(received)[:4_096]).partition(b";")[0].lower().split()
    clauses = dict(zip(words[::2], words[1::2], strict=False))
    return b"from" in clauses and not clauses.get(b"with", b"").startswith(b"lmtp")


def _verdict(result: authres.Result) -> str:
    word = _OLD_WORDS.get(result.verdict, result.verdict)
    return word if word in _VERDICTS[result.method] else "none"


def _spf(result: authres.Result, said: authres.Results) -> Fact:
    identity = "mailfrom" if "smtp.mailfrom" in result.properties else "helo"
    judged = result.properties.get(f"smtp.{identity}", "")
    return Fact(
        FactKind.SPF,
        _verdict(result),
        subject=normal_domain(judged.rpartition("@")[2]),
        source=said.authserv_id,
        detail={"identity": identity},
    )


def _dkim(result: authres.Result, said: authres.Results) -> Fact:
    judged = result.properties.get("header.d") or result.properties.get("header.i", "")
    return Fact(
        FactKind.DKIM,
        _verdict(result),
        subject=normal_domain(judged.rpartition("@")[2]),
        source=said.authserv_id,
        detail={"selector": printable(result.properties.get("header.s", ""))},
    )


def _dmarc(
    spoken: list[authres.Results],
    author_domain: str,
    spf: Fact,
    dkim: list[Fact],
    lookups: Lookups,
    reason: dict[str, str],
) -> Fact:
    said = next((each for each in spoken if each.of("dmarc")), None)
    if not author_domain:
        return Fact(FactKind.DMARC, "permerror", detail={"reason": "no_single_author"})
    if said is None:  # the hop judges signatures but not DMARC: what it vouches for is still worth something
        vouching = dmarc.aligned(author_domain, [spf, *dkim])
        detail: dict[str, object] = {**reason, "aligned": [f"{fact.kind}:{fact.subject}" for fact in vouching]}
        return Fact(FactKind.DMARC, "none", subject=author_domain, source=spf.source, detail=detail)
    result = said.of("dmarc")[0]
    verdict = _verdict(result)
    judged = normal_domain(result.properties.get("header.from", "").rpartition("@")[2])
    if judged != author_domain:
        verdict, detail = "permerror", {"reason": "other_author_judged", "judged": judged}
    elif verdict == "fail":
        detail = _wish(author_domain, lookups)
    else:
        detail = {}
    return Fact(FactKind.DMARC, verdict, subject=author_domain, source=said.authserv_id, detail=detail)


def _wish(author_domain: str, lookups: Lookups) -> dict[str, object]:
    """What the domain asks for is its own public word, so we ask it and not the header."""
    try:
        policy = dmarc.published(author_domain, lookups)
    except LookupFailed:
        return {"reason": "no_answer"}
    return dmarc.as_detail(policy) if policy else {"policy": "none"}
