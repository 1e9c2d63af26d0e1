"""Hops whose `Authentication-Results` count: the setting TRUSTED_RELAYS, and how a mail reached us."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

_AUTHSERV_ID = re.compile(r"[^\s()<>@,;:\\/\[\]?=\"|]+")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Hop:
    """The hop that handed a mail to us.

    "edge": our own listener met the sender, so we judge. Every other kind: only what that hop wrote counts.
    `results_below_received` is for providers who write their results below their own `Received` line and remove
    forged copies (Gmail does).
    """

    kind: Literal["edge", "relay", "imap", "pipe"]
    client_ip: str = ""
    helo: str = ""
    mail_from: str = ""  # "" is the null return path
    trusted_authserv_ids: frozenset[str] = frozenset()
    results_below_received: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    authserv_ids: frozenset[str]
    results_below_received: bool = False


NO_PIN = Pin(frozenset())


@dataclass(frozen=True, slots=True)
class TrustedRelays:
    networks: tuple[tuple[Network, Pin], ...] = ()
    mailboxes: tuple[tuple[str, Pin], ...] = ()
    pipe: Pin = NO_PIN

    def is_relay(self, client_ip: str) -> bool:
        return self._of_client(client_ip) is not None

    def smtp_hop(self, *, client_ip: str, helo: str, mail_from: str) -> Hop:
        pin = self._of_client(client_ip)
        if pin is None:
            return Hop("edge", client_ip, helo, mail_from)
        return Hop("relay", client_ip, helo, mail_from, pin.authserv_ids, pin.results_below_received)

    def imap_hop(self, mailbox: str) -> Hop:
        pin = dict(self.mailboxes).get(mailbox.lower(), NO_PIN)
        return Hop("imap", trusted_authserv_ids=pin.authserv_ids, results_below_received=pin.results_below_received)

    def pipe_hop(self, mail_from: str = "") -> Hop:
        return Hop(
            "pipe",
            mail_from=mail_from,
            trusted_authserv_ids=self.pipe.authserv_ids,
            results_below_received=self.pipe.results_below_received,
        )

    def _of_client(self, client_ip: str) -> Pin | None:
        try:
            address = ipaddress.ip_address(client_ip)
        except ValueError:
            return None
        address = getattr(address, "ipv4_mapped", None) or address
        return next((pin for network, pin in self.networks if address in network), None)


def parse_trusted_relays(text: str) -> TrustedRelays:
    """Entries `<IP, network, imap:mailbox or pipe>=<authserv-id>`, separated by commas; see docs/assurance-mail.md.

    Raises `ValueError` with words for the person who wrote it.
    """
    networks: list[tuple[Network, Pin]] = []
    mailboxes: dict[str, Pin] = {}
    pipe = NO_PIN
    for entry in filter(None, (each.strip() for each in text.split(","))):
        hop, equals, ids = (part.strip() for part in entry.partition("="))
        if not equals:
            raise ValueError(f"{entry!r} names no authserv-id: write <hop>=<authserv-id>")
        pin = _pin(ids, entry)
        if hop.lower() == "pipe":
            pipe = pin
        elif hop.lower().startswith("imap:"):
            mailboxes[hop[5:].strip().lower()] = pin
        else:
            try:
                networks.append((ipaddress.ip_network(hop), pin))
            except ValueError:
                raise ValueError(f"{hop!r} is no IP address or network, imap:<mailbox> or pipe") from None
    return TrustedRelays(tuple(networks), tuple(mailboxes.items()), pipe)


def _pin(ids: str, entry: str) -> Pin:
    stem, slash, where = ids.partition("/")
    names = [name.strip().lower() for name in stem.split("|")]
    if not all(_AUTHSERV_ID.fullmatch(name) for name in names) or (slash and where.strip().lower() != "below"):
        raise ValueError(f"{entry!r} has no usable authserv-id: names joined by |, then /below if need be")
    return Pin(frozenset(names), bool(slash))
