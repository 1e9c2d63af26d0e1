"""DNS: one resolver for SPF, DKIM and DMARC, a budget of time for each mail, answers kept by their TTL."""

import socket
import threading
import time
from typing import Literal

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

RecordType = Literal["TXT", "A", "AAAA", "MX", "PTR"]
Answer = tuple[object, ...]

BUDGET_SECONDS = 2.0
MAX_TTL_SECONDS = 3600
MAX_NEGATIVE_TTL_SECONDS = 300
FAILURE_TTL_SECONDS = 15  # a dead name server costs one mail its budget, not each of the next hundred
MAX_CACHED = 20_000


class LookupFailed(Exception):
    """Nobody knows now: time ran out, or no server answered. Never the same as "there is none"."""


class Resolver:
    """Thread-safe; shared by all mails of a process.

    `nameserver` is "host:port", "[::1]:port" or "host"; empty means the system's resolver.
    """

    def __init__(self, nameserver: str | None = None, *, budget_seconds: float = BUDGET_SECONDS) -> None:
        self.budget_seconds = budget_seconds
        self._nameserver = nameserver or ""
        self._client: dns.resolver.Resolver | None = None
        self._kept: dict[tuple[str, str], tuple[float, Answer | None]] = {}  # None: the look-up failed
        self._lock = threading.Lock()

    def begin(self) -> "Lookups":
        """The look-ups of one mail; the clock runs from here."""
        return Lookups(self, time.monotonic() + self.budget_seconds)

    def find(self, name: str, kind: RecordType, deadline: float) -> Answer:
        key = (name.rstrip(".").lower(), kind)
        kept = self._kept.get(key)
        now = time.monotonic()
        if kept is None or kept[0] <= now:
            kept = self._ask(key[0], kind, deadline, now)
            self._keep(key, kept)
        if kept[1] is None:
            raise LookupFailed(f"{kind} {key[0]}")
        return kept[1]

    def _ask(self, name: str, kind: RecordType, deadline: float, now: float) -> tuple[float, Answer | None]:
        if deadline <= now:
            raise LookupFailed("the time of this mail is used up")
        try:
            found = self._dns().resolve(
                f"{name}.", kind, raise_on_no_answer=False, lifetime=deadline - now, search=False
            )
        except dns.resolver.NXDOMAIN as error:
            return now + _negative_ttl(error), ()
        except (dns.resolver.YXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return now + MAX_NEGATIVE_TTL_SECONDS, ()
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError):
            return now + FAILURE_TTL_SECONDS, None
        ttl = found.chaining_result.minimum_ttl
        if found.rrset is None:
            return now + min(ttl, MAX_NEGATIVE_TTL_SECONDS), ()
        return now + max(1, min(ttl, MAX_TTL_SECONDS)), tuple(_plain(record, kind) for record in found.rrset)

    def _keep(self, key: tuple[str, str], answer: tuple[float, Answer | None]) -> None:
        with self._lock:
            if len(self._kept) >= MAX_CACHED:
                for oldest in list(self._kept)[: MAX_CACHED // 10]:
                    del self._kept[oldest]
            self._kept[key] = answer

    def _dns(self) -> dns.resolver.Resolver:
        if self._client is None:
            client = dns.resolver.Resolver(configure=not self._nameserver)
            if self._nameserver:
                address, port = _address(self._nameserver)
                client.nameservers = [dns.nameserver.Do53Nameserver(address, port)]
            client.use_edns(0, 0, 1232)
            client.timeout = self.budget_seconds / 2  # one lost datagram leaves time for a second try
            self._client = client
        return self._client


class Lookups:
    """What one mail may still ask."""

    def __init__(self, resolver: Resolver, deadline: float) -> None:
        self._resolver = resolver
        self._deadline = deadline

    def find(self, name: str, kind: RecordType) -> Answer:
        """Addresses and names as text, TXT as tuples of bytes, MX as (preference, name); () means none.

        Raises `LookupFailed`.
        """
        return self._resolver.find(name, kind, self._deadline)

    def txt(self, name: str) -> tuple[bytes, ...]:
        return tuple(b"".join(strings) for strings in self.find(name, "TXT"))  # type: ignore[arg-type]


def _plain(record: object, kind: RecordType) -> object:
    if kind == "TXT":
        return tuple(record.strings)  # type: ignore[attr-defined]
    if kind == "MX":
        return record.preference, record.exchange.to_text(True)  # type: ignore[attr-defined]
    if kind == "PTR":
        return record.target.to_text(True)  # type: ignore[attr-defined]
    return str(record.address)  # type: ignore[attr-defined]


def _negative_ttl(error: dns.resolver.NXDOMAIN) -> float:
    for name in error.qnames():
        try:
            return min(error.response(name).resolve_chaining().minimum_ttl, MAX_NEGATIVE_TTL_SECONDS)
        except (dns.exception.DNSException, KeyError):
            continue
    return FAILURE_TTL_SECONDS


def _address(nameserver: str) -> tuple[str, int]:
    host, port = nameserver, 53
    if nameserver.startswith("["):
        host, _, rest = nameserver[1:].partition("]")
        port = int(rest.lstrip(":") or 53)
    elif nameserver.count(":") == 1:
        host, _, rest = nameserver.partition(":")
        port = int(rest)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4]
    return str(found[0]), int(found[1])
