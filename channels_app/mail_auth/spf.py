"""SPF (RFC 7208) at our own edge: pyspf's rules, our resolver."""

import spf

from channels_app.mail.addresses import normal_domain
from channels_app.mail_auth.block import printable
from channels_app.mail_auth.resolver import LookupFailed, Lookups, RecordType
from core.trust import Fact, FactKind

RESULTS = frozenset({"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"})
MAX_VOID_LOOKUPS = 2  # RFC 7208 4.6.4


class _Query(spf.query):
    """pyspf's query with its one door to the network replaced."""

    def __init__(self, lookups: Lookups, *, client_ip: str, mail_from: str, helo: str) -> None:
        self._lookups = lookups
        super().__init__(i=client_ip, s=mail_from, h=helo)
        self.l, _, self.o = mail_from.rpartition("@")  # pyspf splits `"a@b"@c` at the first at-sign
        self.d = self.o

    def dns(self, name: str, qtype: RecordType, cnames: object = None, ignore_void: bool = False) -> list[object]:
        name = str(name).rstrip(".")
        if not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        try:
            found = list(self._lookups.find(name, qtype))
        except LookupFailed as error:
            raise spf.TempError(str(error)) from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {MAX_VOID_LOOKUPS} exceeded")
        return found


def domain_of(mail_from: str, helo: str) -> str:
    return normal_domain((mail_from or helo).rpartition("@")[2])


def check(*, client_ip: str, mail_from: str, helo: str, lookups: Lookups) -> Fact:
    """The domain of the envelope sender, or of HELO where the return path is null."""
    identity = "mailfrom" if mail_from else "helo"
    domain = domain_of(mail_from, helo)
    detail = {"identity": identity, "client_ip": printable(client_ip), "helo": printable(helo)}
    if not domain or not client_ip or domain.startswith("["):
        return Fact(FactKind.SPF, "none", subject=domain, detail=detail)
    sender = f"{mail_from.rpartition('@')[0] or 'postmaster'}@{domain}"
    try:
        query = _Query(lookups, client_ip=client_ip, mail_from=sender, helo=helo)
        verdict, _, explanation = query.check()
    except Exception as error:  # a record is a program by a stranger: no fault of it may stop a mail
        verdict, explanation = "permerror", type(error).__name__
    if verdict not in RESULTS:
        verdict = "permerror"
    if verdict in {"permerror", "temperror"}:
        detail["reason"] = printable(str(explanation))
    return Fact(FactKind.SPF, verdict, subject=domain, detail=detail)
