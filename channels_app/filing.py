"""From stored bytes to the ticket room: claimed one by one under a lease, so that only the guilty mail counts a try."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, QuerySet

from channels_app.intake import content_of
from channels_app.mail.child import ParserPool
from channels_app.mail.limits import Unparseable
from channels_app.mail_auth import block
from channels_app.mail_auth.evaluate import evaluate
from channels_app.mail_auth.relays import Hop, TrustedRelays, parse_trusted_relays
from channels_app.mail_auth.resolver import Resolver
from channels_app.models import Channel, Door, RawMessage, RawState
from core.clock import now as read_clock
from events import outbox
from tickets.contracts import InboundMessage, Origin, Outcome, Received
from tickets.services import intake as ticket_room

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_STARTS = 3
PARSE_SECONDS = 20.0  # with the look-ups and the writing well within the lease
AFTER_DATABASE_TROUBLE = timedelta(seconds=5)
AFTER_A_BUG = timedelta(seconds=30)
STATES = {
    Outcome.OPENED: RawState.FILED,
    Outcome.JOINED: RawState.FILED,
    Outcome.HELD: RawState.FILED,
    Outcome.RECORDED: RawState.FILED,
    Outcome.QUARANTINED: RawState.QUARANTINED,
    Outcome.REFUSED: RawState.REFUSED,
}

_CLAIM = """
    UPDATE channels_app_rawmessage
       SET state = 'parsing', attempts = attempts + 1, lease = %(lease)s, leased_until = %(until)s
     WHERE id = (SELECT id FROM channels_app_rawmessage
                  WHERE state = 'received' AND (leased_until IS NULL OR leased_until <= %(now)s)
                     OR state = 'parsing' AND leased_until < %(now)s
                  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
 RETURNING id"""

_parsers = ParserPool(size=2)


@cache
def _resolver() -> Resolver:
    return Resolver(settings.DNS)


@cache
def _relays() -> TrustedRelays:
    return parse_trusted_relays(settings.TRUSTED_RELAYS)


def process_batch(clock: Callable[[], datetime] = read_clock, *, seconds: float = 60.0) -> int:
    """Files what waits until nothing does or the time is up. Returns how many mails were looked at."""
    deadline, looked_at = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (raw := claim(now=clock())):
        file(raw, clock=clock)
        looked_at += 1
    return looked_at


def claim(*, now: datetime) -> RawMessage | None:
    """The next mail, its try already counted: whoever dies over it has said so beforehand."""
    give_up_crashing(now=now)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": uuid.uuid4(), "now": now, "until": now + LEASE})
        row = cursor.fetchone()
    return RawMessage.objects.select_related("channel").get(pk=row[0]) if row else None


def give_up_crashing(*, now: datetime) -> int:
    """A mail that was begun three times and never ended waits for a person."""
    crashing = RawMessage.objects.filter(state=RawState.PARSING, leased_until__lt=now, attempts__gte=MAX_STARTS)
    ended = crashing.update(
        state=RawState.QUARANTINED, reason="crashes_the_parser", lease=None, leased_until=None, finished_at=now
    )
    if ended:
        log.error("quarantined=%s reason=crashes_the_parser", ended)
        outbox.ring("nudge quarantine")
    return ended


def file(raw: RawMessage, *, clock: Callable[[], datetime] = read_clock) -> None:
    """Parses, judges and hands over one claimed mail, and records what became of it."""
    try:
        content = content_of(raw)
        _remember_headers(raw, content)
        message = _read(raw, content)
        raw.sender, raw.subject = message.sender.email[:320], message.subject[:500]
        received = ticket_room.receive(message, origin=_origin(raw), now=clock())
    except Unparseable as why:
        _end(raw, RawState.QUARANTINED, reason=why.reason_code, now=clock())
    except FileNotFoundError:
        log.error("raw=%s its bytes are gone", raw.public_id)
        _end(raw, RawState.QUARANTINED, reason="bytes_missing", now=clock())
    except (OperationalError, InterfaceError, OSError) as trouble:
        log.warning("raw=%s postponed: %s", raw.public_id, type(trouble).__name__)
        connection.close_if_unusable_or_obsolete()
        _postpone(raw, until=clock() + AFTER_DATABASE_TROUBLE, uncounted=1)
    except Exception as bug:
        log.exception("raw=%s could not be filed", raw.public_id)
        if raw.attempts >= MAX_STARTS:
            _end(raw, RawState.QUARANTINED, reason="not_filed", detail=repr(bug)[:500], now=clock())
        else:
            _postpone(raw, until=clock() + AFTER_A_BUG)
    else:
        _end(raw, STATES[received.outcome], reason=received.reason, received=received, now=clock())


def _read(raw: RawMessage, content: bytes) -> InboundMessage:
    message = _parsers.parse(
        content,
        received_at=raw.received_at,
        envelope_from=raw.envelope_from,
        envelope_to=tuple(raw.envelope_to),
        reply_domains=_our_domains(),
        timeout=PARSE_SECONDS,
    )
    facts = evaluate(content, hop=_hop(raw), resolver=_resolver(), now=raw.received_at)
    return replace(message, facts=(*message.facts, *facts))


def _our_domains() -> frozenset[str]:
    addresses = Channel.objects.filter(driver="email").values_list("address", flat=True)
    return frozenset(address.rpartition("@")[2] for address in addresses)


def _hop(raw: RawMessage) -> Hop:
    match raw.door:
        case Door.SMTP:
            return _relays().smtp_hop(client_ip=raw.client_ip, helo=raw.helo, mail_from=raw.envelope_from or "")
        case Door.IMAP:
            return _relays().imap_hop(raw.channel.address if raw.channel else "")
        case _:
            return _relays().pipe_hop(raw.envelope_from or "")


def _origin(raw: RawMessage) -> Origin:
    channel = raw.channel
    return Origin(
        channel=channel.slug if channel else "",
        door="email",
        queue=channel.queue_slug if channel else "",
        our_address=channel.address if channel else "",
        raw_id=str(raw.public_id),
        stable_id=raw.digest,
        envelope_from=raw.envelope_from,
        is_local=raw.door != Door.SMTP or _is_loopback(raw.client_ip) or _relays().is_relay(raw.client_ip),
        is_released=raw.is_released,
    )


def _is_loopback(client_ip: str) -> bool:
    try:
        address = ip_address(client_ip)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _remember_headers(raw: RawMessage, content: bytes) -> None:
    """What the quarantine list shows when the parser fails: the headers as they stand."""
    fields = block.split(content)
    raw.sender, raw.subject = (
        block.printable(b" ".join(values[0].split()), 320) if (values := fields.values(name)) else ""
        for name in (b"from", b"subject")
    )


def _postpone(raw: RawMessage, *, until: datetime, uncounted: int = 0) -> None:
    try:
        _mine(raw).update(state=RawState.RECEIVED, lease=None, leased_until=until, attempts=F("attempts") - uncounted)
    except (OperationalError, InterfaceError):
        log.warning("raw=%s stays claimed until its lease ends", raw.public_id)


def _end(
    raw: RawMessage,
    state: RawState,
    *,
    reason: str,
    now: datetime,
    detail: str = "",
    received: Received | None = None,
) -> None:
    ended = _mine(raw).update(
        state=state,
        reason=reason[:64],
        detail=detail,
        sender=raw.sender,
        subject=raw.subject,
        ticket_number=received.ticket_number if received else "",
        ticket_id=received.ticket_id if received else None,
        message_id=received.message_id if received else None,
        lease=None,
        leased_until=None,
        finished_at=now,
    )
    if ended and state == RawState.QUARANTINED:
        outbox.ring("nudge quarantine")


def _mine(raw: RawMessage) -> QuerySet[RawMessage]:
    return RawMessage.objects.filter(pk=raw.pk, lease=raw.lease, state=RawState.PARSING)
