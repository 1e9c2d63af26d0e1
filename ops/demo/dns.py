"""A small name server for the demo and the tests: real DNS over UDP and TCP, on this machine only.

It answers for the demo's zones and says of everything else that it does not exist.
"""

import asyncio
import contextlib
import logging
import signal
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from ops.demo.zones import BROKEN, SILENT, Record

TTL_SECONDS = 300
NEGATIVE_TTL_SECONDS = 60
TCP_IDLE_SECONDS = 10
_ROOT_SOA = f"ns.example.com. hostmaster.example.com. 1 3600 600 86400 {NEGATIVE_TTL_SECONDS}"

log = logging.getLogger(__name__)


class Zones:
    def __init__(
        self, records: Iterable[Record], *, broken: Iterable[str] = BROKEN, silent: Iterable[str] = SILENT
    ) -> None:
        self._sets: dict[dns.name.Name, dict[dns.rdatatype.RdataType, dns.rrset.RRset]] = {}
        self._parents: set[dns.name.Name] = set()
        self._broken = [dns.name.from_text(name) for name in broken]
        self._silent = [dns.name.from_text(name) for name in silent]
        self._soa = dns.rrset.from_text(".", NEGATIVE_TTL_SECONDS, "IN", "SOA", _ROOT_SOA)
        for record in records:
            self._add(record)

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """None: no answer at all."""
        response = dns.message.make_response(query, recursion_available=True)
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            response.set_rcode(dns.rcode.NOTIMP)
            return response
        asked = query.question[0]
        if any(asked.name.is_subdomain(name) for name in self._silent):
            return None
        if any(asked.name.is_subdomain(name) for name in self._broken):
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        response.flags |= dns.flags.AA
        name = asked.name
        for _ in range(10):
            sets = self._sets.get(name, {})
            if asked.rdtype in sets:
                response.answer.append(sets[asked.rdtype])
                return response
            alias = sets.get(dns.rdatatype.CNAME)
            if alias is None:
                break
            response.answer.append(alias)
            name = alias[0].target
        response.authority.append(self._soa)
        if name not in self._sets and name not in self._parents:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    def _add(self, record: Record) -> None:
        name = dns.name.from_text(record.name)
        kind = dns.rdatatype.from_text(record.kind)
        value = record.value
        if record.kind == "TXT":
            raw = value.encode()
            value = " ".join(f'"{_quoted(raw[at : at + 255])}"' for at in range(0, len(raw), 255))
        added = dns.rrset.from_text(name, TTL_SECONDS, dns.rdataclass.IN, kind, value)
        sets = self._sets.setdefault(name, {})
        if kind in sets:
            sets[kind].union_update(added)
        else:
            sets[kind] = added
        while name != dns.name.root:
            name = name.parent()
            self._parents.add(name)


class DnsServer:
    """Listens on one port for UDP and TCP. `asked` counts questions, for tests."""

    def __init__(self, zones: Zones, host: str = "127.0.0.1", port: int = 0) -> None:
        self.zones = zones
        self.host = host
        self.port = port
        self.asked: Counter[tuple[str, str]] = Counter()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def start(self) -> None:
        self._tcp = await asyncio.start_server(self._serve_tcp, self.host, self.port)
        self.port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(self.host, self.port)
        )

    async def stop(self) -> None:
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()
            await self._tcp.wait_closed()

    def answer(self, wire: bytes, *, limit: int | None) -> bytes | None:
        """`limit` is what one datagram may carry; None over TCP."""
        try:
            query = dns.message.from_wire(wire)
        except (dns.exception.DNSException, struct.error):
            return None
        if query.flags & dns.flags.QR:
            return None
        self.asked.update(
            (str(each.name).rstrip(".").lower(), dns.rdatatype.to_text(each.rdtype)) for each in query.question
        )
        response = self.zones.answer(query)
        if response is None:
            return None
        packed = response.to_wire(max_size=65_535)
        if limit is not None and len(packed) > min(limit, max(512, query.payload)):
            cut = dns.message.make_response(query, recursion_available=True)
            cut.flags |= dns.flags.TC
            return cut.to_wire()
        return packed

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            while True:
                async with asyncio.timeout(TCP_IDLE_SECONDS):
                    size = int.from_bytes(await reader.readexactly(2), "big")
                    answer = self.answer(await reader.readexactly(size), limit=None)
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
                    await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self._server.answer(data, limit=1232)
        if answer is not None:
            self._transport.sendto(answer, addr)


@contextlib.contextmanager
def serving(zones: Zones) -> Iterator[DnsServer]:
    """The same server on a free port, in a thread of this process."""
    server = DnsServer(zones)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="dns", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def main() -> None:
    """The role `dns`: serves the demo at HELPDESK_DNS until SIGTERM."""
    from django.conf import settings

    from ops.demo.zones import demo_keys, records

    host, _, port = settings.DNS.rpartition(":")
    server = DnsServer(Zones(records(demo_keys(settings.DATA_DIR))), host.strip("[]") or "127.0.0.1", int(port))
    asyncio.run(_serve_until_told(server))


async def _serve_until_told(server: DnsServer) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await server.start()
    log.info("dns ready at=%s", server.address)
    await told.wait()
    await server.stop()


def _quoted(raw: bytes) -> str:
    return "".join(chr(each) if 32 <= each < 127 and each not in b'"\\' else f"\\{each:03d}" for each in raw)
