"""Which records a domain should publish for this desk's mail, and what it publishes instead. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address


class RecordKind(StrEnum):
    MX = "mx"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class Verdict(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # nobody answered in time


@dataclass(frozen=True, slots=True)
class Record:
    kind: RecordKind
    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`reason` is a code for what is not as it should be, or a remark on what is; `found` is what stands there."""

    kind: RecordKind
    verdict: Verdict
    reason: str = ""
    found: str = ""


def to_publish(domain: str, *, selector: str, dkim: str, our_host: str, relay_host: str) -> list[Record]:
    """`relay_host` "" means that nobody sends yet."""
    return [
        Record(RecordKind.MX, domain, "MX", f"10 {our_host}."),
        Record(RecordKind.SPF, domain, "TXT", " ".join(["v=spf1 mx", *_mechanism(relay_host), "~all"])),
        Record(RecordKind.DKIM, f"{selector}._domainkey.{domain}", "TXT", dkim),
        Record(RecordKind.DMARC, f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"),
    ]


def _mechanism(host: str) -> list[str]:
    if not host:
        return []
    try:
        return [f"ip{ip_address(host).version}:{host}"]
    except ValueError:
        return [f"a:{host}"]


def judge_mx(targets: Sequence[str], *, our_host: str, is_ours: bool) -> Seen:
    """`is_ours`: some address of the domain is taken by the listener, so its mail must come here in the end."""
    hosts = [host.rstrip(".").lower() for host in targets]
    found = ", ".join(hosts)
    if not hosts:
        return Seen(RecordKind.MX, Verdict.MISSING, "mx_missing")
    if hosts == [""]:
        return Seen(RecordKind.MX, Verdict.DIFFERENT, "mx_null", ".")
    if is_ours and our_host not in hosts:
        return Seen(RecordKind.MX, Verdict.DIFFERENT, "mx_elsewhere", found)
    return Seen(RecordKind.MX, Verdict.PRESENT, "", found)


def judge_spf(texts: Sequence[str], *, verdict: str) -> Seen:
    """`verdict` is what SPF says of the relay's address, "" where that is not known."""
    records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    found = " | ".join(records)
    if not records:
        return Seen(RecordKind.SPF, Verdict.MISSING, "spf_missing")
    if len(records) > 1:
        return Seen(RecordKind.SPF, Verdict.DIFFERENT, "several_records", found)
    if {"+all", "all"} & set(records[0].lower().split()):
        return Seen(RecordKind.SPF, Verdict.DIFFERENT, "spf_allows_everybody", found)
    if verdict in ("temperror", ""):
        return Seen(RecordKind.SPF, Verdict.UNKNOWN, "relay_not_known", found)
    if verdict == "permerror":
        return Seen(RecordKind.SPF, Verdict.DIFFERENT, "spf_broken", found)
    if verdict != "pass":
        return Seen(RecordKind.SPF, Verdict.DIFFERENT, "spf_relay_not_named", found)
    return Seen(RecordKind.SPF, Verdict.PRESENT, "", found)


def judge_dkim(texts: Sequence[str], *, ours: str) -> Seen:
    found = " | ".join(texts)
    if not texts:
        return Seen(RecordKind.DKIM, Verdict.MISSING, "dkim_missing")
    if len(texts) > 1:
        return Seen(RecordKind.DKIM, Verdict.DIFFERENT, "several_records", found)
    key = tags(texts[0]).get("p", "")
    if not key:
        return Seen(RecordKind.DKIM, Verdict.DIFFERENT, "dkim_revoked", found)
    if key != tags(ours)["p"]:
        return Seen(RecordKind.DKIM, Verdict.DIFFERENT, "dkim_other_key", found)
    return Seen(RecordKind.DKIM, Verdict.PRESENT, "", found)


def judge_dmarc(texts: Sequence[str]) -> Seen:
    records = [text for text in texts if text.startswith("v=DMARC1")]
    found = " | ".join(records)
    if not records:
        return Seen(RecordKind.DMARC, Verdict.MISSING, "dmarc_missing")
    if len(records) > 1:
        return Seen(RecordKind.DMARC, Verdict.DIFFERENT, "several_records", found)
    policy = tags(records[0]).get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        return Seen(RecordKind.DMARC, Verdict.DIFFERENT, "dmarc_no_policy", found)
    return Seen(RecordKind.DMARC, Verdict.PRESENT, "dmarc_only_watches" if policy == "none" else "", found)


def tags(record: str) -> dict[str, str]:
    """`v=DKIM1; p=…` by name, without the spaces that folding leaves."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}
