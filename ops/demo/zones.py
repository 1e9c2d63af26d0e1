"""The DNS of the demo company and of the tests: whose servers send for whom, whose keys sign, what policies ask.

Everybody in the demo sends from this machine, so SPF that allows it proves little; `staff.example` allows nobody
and is proved by its key alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from channels_app.mail_keys import SELECTOR, public_record, stored_private_key

LOCAL = "v=spf1 ip4:127.0.0.0/8 ip6:::1 -all"
NOBODY = "v=spf1 -all"


@dataclass(frozen=True, slots=True)
class Domain:
    """What a domain publishes; "" is no record."""

    name: str
    spf: str = ""
    dmarc: str = ""
    signs: bool = False


DOMAINS = (
    Domain("example.com", LOCAL, "v=DMARC1; p=reject", signs=True),  # the desk
    Domain("staff.example", NOBODY, "v=DMARC1; p=reject", signs=True),
    Domain("hosting-client.example", LOCAL, "v=DMARC1; p=reject", signs=True),  # Anna
    Domain("annashop.example", LOCAL, "v=DMARC1; p=none", signs=True),
    Domain("other-client.example", LOCAL, "v=DMARC1; p=quarantine", signs=True),  # Boris
    Domain("watching.example", NOBODY, "v=DMARC1; p=none; rua=mailto:dmarc@watching.example"),
    Domain("careful.example", NOBODY, "v=DMARC1; p=quarantine"),
    Domain("no-policy.example", NOBODY, signs=True),
    Domain("elsewhere.example", LOCAL),  # Mallory
    Domain("bare.example"),
)
SILENT = ("slow.example",)  # never answers
BROKEN = ("broken.example",)  # its name servers are ill: SERVFAIL


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    kind: str  # A, AAAA, CNAME, MX, PTR, TXT
    value: str


def demo_keys(data_dir: Path) -> dict[str, str]:
    """Private keys (PEM) of the demo domains by domain, made on first asking."""
    return {domain.name: stored_private_key(data_dir, domain.name) for domain in DOMAINS if domain.signs}


def records(keys: Mapping[str, str]) -> list[Record]:
    found = [
        Record("1.0.0.127.in-addr.arpa", "PTR", "mail.example.com."),
        Record("localhost", "A", "127.0.0.1"),
    ]
    for domain in DOMAINS:
        found += _records(domain, keys)
    return found


def _records(domain: Domain, keys: Mapping[str, str]) -> Iterable[Record]:
    yield Record(domain.name, "A", "127.0.0.1")
    yield Record(domain.name, "MX", f"10 mail.{domain.name}.")
    yield Record(f"mail.{domain.name}", "A", "127.0.0.1")
    yield Record(f"mail.{domain.name}", "AAAA", "::1")
    if domain.spf:
        yield Record(domain.name, "TXT", domain.spf)
    if domain.dmarc:
        yield Record(f"_dmarc.{domain.name}", "TXT", domain.dmarc)
    if domain.signs:
        yield Record(f"{SELECTOR}._domainkey.{domain.name}", "TXT", public_record(keys[domain.name]))
