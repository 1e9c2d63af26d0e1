"""Do our domains publish what our mail needs? Asked when somebody asks, kept with its time; no page waits for it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings

from channels_app import way_out
from channels_app.mail_auth import spf
from channels_app.mail_auth.dmarc import organization
from channels_app.mail_auth.resolver import LookupFailed, Lookups, Resolver
from channels_app.mail_keys import SELECTOR, public_record, stored_private_key
from channels_app.models import Channel, DomainCheck, Door
from channels_app.policies.dns_records import (
    Record,
    RecordKind,
    Seen,
    Verdict,
    judge_dkim,
    judge_dmarc,
    judge_mx,
    judge_spf,
    to_publish,
)
from channels_app.policies.servers import normal_host


@dataclass(frozen=True, slots=True)
class DomainView:
    domain: str
    checked_at: datetime | None
    records: tuple[tuple[Record, Seen | None], ...]


def domains() -> dict[str, bool]:
    """Those of our open mailboxes; whether the listener takes mail for one of them."""
    found: dict[str, bool] = {}
    for address, door in Channel.objects.filter(is_active=True, driver="email").values_list("address", "door"):
        domain = address.rpartition("@")[2]
        found[domain] = found.get(domain, False) or door == Door.SMTP
    return dict(sorted(found.items()))


def views() -> list[DomainView]:
    """What each domain should publish, and what it did when it was last looked at. No look-up here."""
    kept = {row.domain: row for row in DomainCheck.objects.all()}
    views = []
    for domain in domains():
        row = kept.get(domain)
        seen = {each["kind"]: _seen(each) for each in row.results} if row else {}
        records = tuple((record, seen.get(record.kind)) for record in wanted(domain))
        views.append(DomainView(domain, row.checked_at if row else None, records))
    return views


def wanted(domain: str) -> list[Record]:
    way = way_out.in_force()
    return to_publish(
        domain,
        selector=SELECTOR,
        dkim=_our_record(domain),
        our_host=our_host(domain),
        relay_host=way.relay.host if way.relay else "",
    )


def our_host(domain: str) -> str:
    """The name people reach the desk by, if it has one."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    is_name = "." in host and not host.rpartition(".")[2].isdigit()
    return host if is_name else f"mail.{domain}"


def check_all(*, now: datetime) -> None:
    """Asks for every domain, two seconds each at most, and keeps the answers."""
    for domain in domains():
        results = [asdict(seen) for seen in look(domain)]
        DomainCheck.objects.update_or_create(domain=domain, defaults={"checked_at": now, "results": results})


def look(domain: str) -> list[Seen]:
    resolver = Resolver(settings.DNS)  # a fresh one: who has just published a record wants to see it
    lookups = resolver.begin()
    return [
        _asked(RecordKind.MX, lambda: _mx(domain, lookups)),
        _asked(RecordKind.SPF, lambda: _spf(domain, lookups)),
        _asked(
            RecordKind.DKIM,
            lambda: judge_dkim(_txt(f"{SELECTOR}._domainkey.{domain}", lookups), ours=_our_record(domain)),
        ),
        _asked(RecordKind.DMARC, lambda: _dmarc(domain, lookups)),
    ]


def _asked(kind: RecordKind, judge: Callable[[], Seen]) -> Seen:
    try:
        return judge()
    except LookupFailed:
        return Seen(kind, Verdict.UNKNOWN, "no_answer")


def _mx(domain: str, lookups: Lookups) -> Seen:
    found = cast("tuple[tuple[int, str], ...]", lookups.find(domain, "MX"))
    return judge_mx([host for _, host in found], our_host=our_host(domain), is_ours=domains().get(domain, False))


def _spf(domain: str, lookups: Lookups) -> Seen:
    texts = _txt(domain, lookups)
    address = _relay_address(lookups)
    verdict = ""
    if address:
        fact = spf.check(client_ip=address, mail_from=f"postmaster@{domain}", helo=domain, lookups=lookups)
        verdict = fact.verdict
    return judge_spf(texts, verdict=verdict)


def _relay_address(lookups: Lookups) -> str:
    """Where the relay is reached, "" where nobody knows. It may send from another address, which its record names."""
    way = way_out.in_force()
    host = normal_host(way.relay.host) if way.relay else ""
    if not host or host.replace(".", "").isdigit() or ":" in host:
        return host
    try:
        found = lookups.find(host, "A") or lookups.find(host, "AAAA")
    except LookupFailed:
        return ""
    return str(found[0]) if found else ""


def _dkim(domain: str, lookups: Lookups) -> Seen:
    return judge_dkim(_txt(f"{SELECTOR}._domainkey.{domain}", lookups), ours=_our_record(domain))


def _dmarc(domain: str, lookups: Lookups) -> Seen:
    """A record of the registered domain holds for those below it."""
    seen = judge_dmarc(_txt(f"_dmarc.{domain}", lookups))
    above = organization(domain)
    if seen.verdict is Verdict.MISSING and above != domain:
        return judge_dmarc(_txt(f"_dmarc.{above}", lookups))
    return seen


def _txt(name: str, lookups: Lookups) -> list[str]:
    return [text.decode("utf-8", "replace").replace("\x00", "") for text in lookups.txt(name)]


def _our_record(domain: str) -> str:
    return public_record(stored_private_key(settings.DATA_DIR, domain))


def _seen(kept: dict[str, str]) -> Seen:
    return Seen(RecordKind(kept["kind"]), Verdict(kept["verdict"]), kept["reason"], kept["found"])
