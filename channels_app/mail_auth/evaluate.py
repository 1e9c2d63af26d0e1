"""All that can be known about who vouches for a mail, as facts. Never a level: that is `assurance`'s."""

from datetime import datetime

from channels_app.mail import addresses
from channels_app.mail_auth import arc, block, dkim, dmarc, relayed, spam_verdict, spf
from channels_app.mail_auth.body import Body
from channels_app.mail_auth.relays import Hop
from channels_app.mail_auth.resolver import LookupFailed, Lookups, Resolver
from core.trust import Fact, FactKind

__all__ = ["Hop", "evaluate"]


def evaluate(
    raw: bytes, *, hop: Hop, resolver: Resolver, now: datetime, sealers: frozenset[str] = frozenset()
) -> tuple[Fact, ...]:
    """SPF, one fact for each DKIM signature, ARC where a known sealer signed, what the hop's
    spam filter said, and DMARC last. Raises nothing.

    `raw` is the mail as the hop handed it over, without a `Received` line of our own; `now` is when it came.
    The DMARC fact's `subject` is the domain that was judged, `detail["author"]` the address: a reader who shows
    another address as the sender must not use the verdict. All look-ups together take the resolver's budget.
    """
    fields = block.split(raw)
    author, reason = _author(fields)
    author_domain = author.rpartition("@")[2]
    lookups = resolver.begin()
    body = Body(raw, fields.body_at)
    if hop.kind == "edge":
        facts = _judged_here(fields, body, hop, author_domain, lookups, now)
    else:
        facts = relayed.facts(fields, hop, author_domain, lookups)
    sealed = arc.verify(fields, body, sealers=sealers, lookups=lookups)
    *others, verdict = facts
    if not author:
        verdict = Fact(FactKind.DMARC, "permerror", detail={"reason": reason})
    else:
        verdict = Fact(
            verdict.kind, verdict.verdict, verdict.subject, verdict.source, {**verdict.detail, "author": author}
        )
    return (*others, *([sealed] if sealed else []), *spam_verdict.facts(fields, hop), verdict)


def _judged_here(
    fields: block.Block, body: Body, hop: Hop, author_domain: str, lookups: Lookups, now: datetime
) -> tuple[Fact, ...]:
    """The author's own domain is asked before any other: a forger brings slow name servers along."""
    verdict = Fact(FactKind.DMARC, "none", subject=author_domain)
    policy = None
    if author_domain and not author_domain.startswith("["):
        try:
            policy = dmarc.published(author_domain, lookups)
        except LookupFailed:
            verdict = Fact(FactKind.DMARC, "temperror", subject=author_domain, detail={"reason": "no_answer"})

    def is_near(domain: str) -> bool:
        return dmarc.is_aligned(domain, author_domain)

    def sent() -> Fact:
        return spf.check(client_ip=hop.client_ip, mail_from=hop.mail_from, helo=hop.helo, lookups=lookups)

    sent_by = sent() if is_near(spf.domain_of(hop.mail_from, hop.helo)) else None
    signed_by = dkim.verify(fields, body, lookups=lookups, now=now, is_near=is_near)
    sent_by = sent_by or sent()
    if author_domain and not author_domain.startswith("[") and verdict.verdict != "temperror":
        verdict = dmarc.judge(author_domain, policy, sent_by, signed_by)
    return (sent_by, *signed_by, verdict)


def _author(fields: block.Block) -> tuple[str, str]:
    """The one address in From, or "" and why there is none that every reader would read alike."""
    values = [value for value in fields.values(b"from") if value.strip()]
    if not values:
        return "", "from_missing"
    if len(values) > 1:
        return "", "several_from"
    found = addresses.parse_bytes(block.unfold(values[0]), limit=2)
    if len(found.mailboxes) + found.left_out > 1:
        return "", "several_from"
    if not found.mailboxes or found.refused or not found.mailboxes[0].is_clean:
        return "", "from_unreadable"
    return found.mailboxes[0].email, ""
