from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_app.mail_auth.resolver import Resolver
from channels_app.mail_keys import public_record
from ops.demo.dns import DnsServer, Zones, serving
from ops.demo.zones import SILENT, Record, demo_keys, records


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return demo_keys(Path(tmp_path_factory.mktemp("keys")))


@pytest.fixture(scope="session")
def short_key() -> str:
    """Of 768 bits, as nobody makes them any more."""
    return (Path(__file__).parents[1] / "fixtures" / "mail" / "short_key.pem").read_text()


@pytest.fixture(scope="session")
def name_server(keys: dict[str, str], short_key: str) -> Iterator[DnsServer]:
    anna = public_record(keys["hosting-client.example"])
    here = "hosting-client.example"
    more = [
        Record(f"short._domainkey.{here}", "TXT", public_record(short_key)),
        Record(f"revoked._domainkey.{here}", "TXT", "v=DKIM1; k=rsa; p="),
        Record(f"garbage._domainkey.{here}", "TXT", "v=DKIM1; k=rsa; p=MIIB%%%"),
        Record(f"other-use._domainkey.{here}", "TXT", anna.replace("k=rsa;", "k=rsa; s=tlsrpt;")),
        Record(f"sha1-only._domainkey.{here}", "TXT", anna.replace("k=rsa;", "k=rsa; h=sha1;")),
        Record(f"testing._domainkey.{here}", "TXT", anna.replace("k=rsa;", "k=rsa; t=y;")),
        Record(f"huge._domainkey.{here}", "TXT", "v=DKIM1; k=rsa; p=" + "A" * 20_000),
        Record(f"moved._domainkey.{here}", "CNAME", f"desk._domainkey.{here}."),
        Record("_dmarc.strict.example", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s"),
        Record("strict.example", "TXT", "v=spf1 ip4:127.0.0.1 -all"),
        Record("sub.strict.example", "TXT", "v=spf1 ip4:127.0.0.1 -all"),
        Record("_dmarc.parent.example", "TXT", "v=DMARC1; p=reject; sp=quarantine"),
        Record("_dmarc.ramping.example", "TXT", "v=DMARC1; p=quarantine; pct=20"),
        Record("_dmarc.half.example", "TXT", "v=DMARC1; p=reject; pct=50"),
        Record("_dmarc.trying.example", "TXT", "v=DMARC1; p=quarantine; t=y"),
        Record("_dmarc.twice.example", "TXT", "v=DMARC1; p=reject"),
        Record("_dmarc.twice.example", "TXT", "v=DMARC1; p=none"),
        Record("_dmarc.mumble.example", "TXT", "v=DMARC1; p=explode; pct=many"),
        Record("loop.example", "TXT", "v=spf1 include:loop.example -all"),
        Record("two-spf.example", "TXT", "v=spf1 -all"),
        Record("two-spf.example", "TXT", "v=spf1 +all"),
        Record("voids.example", "TXT", "v=spf1 a:a.void.example a:b.void.example a:c.void.example +all"),
        Record("by-mx.example", "TXT", "v=spf1 mx -all"),
        Record("by-mx.example", "MX", "10 mail.hosting-client.example."),
        Record("by-include.example", "TXT", "v=spf1 include:hosting-client.example -all"),
        Record("by-slow.example", "TXT", "v=spf1 include:slow.example -all"),
        Record("by-macro.example", "TXT", "v=spf1 exists:%{i}.allowed.example -all"),
        Record("127.0.0.1.allowed.example", "A", "127.0.0.2"),
        Record("long.example", "TXT", "x" * 5_000),
    ]
    with serving(Zones([*records(keys), *more], silent=[*SILENT, "late.strict.example"])) as server:
        yield server


@pytest.fixture
def resolver(name_server: DnsServer) -> Resolver:
    return Resolver(name_server.address, budget_seconds=10)


@pytest.fixture
def hurried(name_server: DnsServer) -> Resolver:
    """A budget so small that silence is noticed at once."""
    return Resolver(name_server.address, budget_seconds=0.3)
