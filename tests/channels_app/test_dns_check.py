"""The records of our domains, asked of a real DNS server and kept."""

import pytest
from django.utils import translation

from channels_app import dns_check
from channels_app.mail_keys import SELECTOR, public_record, stored_private_key
from channels_app.models import Channel, DomainCheck
from channels_app.policies.dns_records import RecordKind, Verdict
from ops.demo.dns import Zones, serving
from ops.demo.zones import Record
from ops.doctor import checks
from tests.channels_app.letters import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def domain(settings, tmp_path) -> str:
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    settings.EMAIL_URL, settings.SITE_URL = "smtp://127.0.0.1:25", "https://desk.example.org"
    Channel.objects.create(slug="help", name="Help", address="help@mail.example.org", queue_slug="x")
    return "mail.example.org"


def verdicts(domain: str) -> dict[str, tuple[str, str]]:
    return {str(seen.kind): (str(seen.verdict), seen.reason) for seen in dns_check.look(domain)}


def test_what_is_published_as_asked_is_present(domain, settings, tmp_path) -> None:
    ours = public_record(stored_private_key(tmp_path, domain))
    zone = [
        Record(domain, "MX", "10 desk.example.org."),
        Record(domain, "TXT", "v=spf1 ip4:127.0.0.1 -all"),
        Record(f"{SELECTOR}._domainkey.{domain}", "TXT", ours),
        Record("_dmarc.example.org", "TXT", "v=DMARC1; p=reject"),
    ]
    with serving(Zones(zone)) as server:
        settings.DNS = server.address
        assert verdicts(domain) == dict.fromkeys(("mx", "spf", "dkim", "dmarc"), ("present", ""))


def test_what_is_missing_or_another_is_told(domain, settings, tmp_path) -> None:
    other = public_record(stored_private_key(tmp_path / "other", domain))
    zone = [
        Record(domain, "MX", "10 elsewhere.example."),
        Record(domain, "TXT", "v=spf1 -all"),
        Record(f"{SELECTOR}._domainkey.{domain}", "TXT", other),
    ]
    with serving(Zones(zone)) as server:
        settings.DNS = server.address
        assert verdicts(domain) == {
            "mx": ("different", "mx_elsewhere"),
            "spf": ("different", "spf_relay_not_named"),
            "dkim": ("different", "dkim_other_key"),
            "dmarc": ("missing", "dmarc_missing"),
        }


def test_a_silent_name_server_is_no_missing_record(domain, settings) -> None:
    with serving(Zones([], silent=["example.org"])) as server:
        settings.DNS = server.address
        assert set(verdicts(domain).values()) == {("unknown", "no_answer")}


def test_answers_are_kept_and_the_page_asks_nobody(domain, settings) -> None:
    with serving(Zones([Record(domain, "TXT", "v=spf1 -all")])) as server:
        settings.DNS = server.address
        dns_check.check_all(now=NOON)
    (view,) = dns_check.views()
    assert (view.domain, view.checked_at) == (domain, NOON)
    seen = {record.kind: seen.verdict for record, seen in view.records if seen}
    assert seen == {
        RecordKind.MX: Verdict.MISSING, RecordKind.SPF: Verdict.DIFFERENT,
        RecordKind.DKIM: Verdict.MISSING, RecordKind.DMARC: Verdict.MISSING,
    }  # fmt: skip
    DomainCheck.objects.all().delete()
    assert [seen for _, seen in dns_check.views()[0].records] == [None] * 4


def test_the_doctor_says_the_same_with_the_record_to_publish(domain, settings) -> None:
    with serving(Zones([Record(domain, "MX", "10 desk.example.org.")])) as server:
        settings.DNS = server.address
        with translation.override("en"):
            said = [str(finding) for finding in checks.records()]
    assert said[0].endswith(f"{domain} MX is published")
    assert "Our signatures cannot be checked." in said[2]
    assert f"{SELECTOR}._domainkey.{domain} TXT v=DKIM1; k=rsa; p=" in said[2]
