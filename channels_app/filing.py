"""From stored bytes to the ticket room: claimed in batches under a lease, each mail answering for itself."""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, QuerySet
from psycopg2.extras import execute_values

from channels_app.intake import content_of, is_loopback
from channels_app.mail.child import ParserPool
from channels_app.mail.limits import Unparseable
from channels_app.mail_auth.evaluate import evaluate
from channels_app.mail_auth.relays import Hop, TrustedRelays, parse_trusted_relays
from channels_app.mail_auth.resolver import Resolver
from channels_app.models import Channel, Door, RawMessage, RawState
from core.clock import now as read_clock
from events import outbox
from tickets.contracts import InboundMessage, Nature, Origin, Outcome, Received
from tickets.services import intake as ticket_room

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_STARTS = 3
BATCH = 64
PARSE_SECONDS = 20.0
READING_SECONDS = 15.0  # then the rest of a batch goes back: with one slow parse more, all ends well within the lease
AFTER_DATABASE_TROUBLE = timedelta(seconds=5)
AFTER_A_BUG = timedelta(seconds=30)
QUARANTINE_TARGET = timedelta(minutes=15)
WAIT_FOR_EARLIER = timedelta(minutes=1)
LOOK_AGAIN_SECONDS = 0.1
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
     WHERE id IN (SELECT id FROM channels_app_rawmessage WHERE {which}
                   ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
 RETURNING id"""
_FRESH = _CLAIM.format(
    which="state = 'received' AND attempts = 0 AND (leased_until IS NULL OR leased_until <= %(now)s)"
)
_SUSPECT = _CLAIM.format(
    which="state = 'received' AND attempts > 0 AND (leased_until IS NULL OR leased_until <= %(now)s)"
    " OR state = 'parsing' AND leased_until < %(now)s"
)

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
    while time.monotonic() < deadline and (batch := claim(now=clock())):
        waiting = file(batch, clock=clock)
        looked_at += len(batch) - waiting
        if waiting == len(batch):
            time.sleep(LOOK_AGAIN_SECONDS)  # another process files the letters they answer
    return looked_at


def claim(*, now: datetime) -> list[RawMessage]:
    """The next mails in order, their try already counted: whoever dies over them has said so beforehand.

    Fresh ones come together. One that was begun before comes alone, so that only the guilty dies three times.
    """
    give_up_crashing(now=now)
    lease = uuid.uuid4()
    with connection.cursor() as cursor:
        for statement, most in ((_SUSPECT, 1), (_FRESH, BATCH)):
            cursor.execute(statement, {"lease": lease, "now": now, "until": now + LEASE, "most": most})
            if ids := [pk for (pk,) in cursor.fetchall()]:
                return list(RawMessage.objects.select_related("channel").filter(pk__in=ids).order_by("pk"))
    return []


def give_up_crashing(*, now: datetime) -> int:
    """A mail that was begun three times and never ended waits for a person."""
    crashing = RawMessage.objects.filter(state=RawState.PARSING, leased_until__lt=now, attempts__gte=MAX_STARTS)
    ended = crashing.update(
        state=RawState.QUARANTINED,
        reason="crashes_the_parser",
        due_at=now + QUARANTINE_TARGET,
        lease=None,
        leased_until=None,
        finished_at=now,
    )
    if ended:
        log.error("quarantined=%s reason=crashes_the_parser", ended)
        outbox.ring("nudge quarantine")
    return ended


@dataclass(frozen=True, slots=True)
class _Read:
    raw: RawMessage
    letter: ticket_room.Letter


def file(batch: list[RawMessage], *, clock: Callable[[], datetime] = read_clock) -> int:
    """Parses, judges and hands over claimed mails, and records what became of each. Returns how many wait."""
    began, domains, read = time.monotonic(), _our_domains(), []
    for place, raw in enumerate(batch):
        if time.monotonic() - began > READING_SECONDS:
            _give_back(batch[place:], until=clock())
            break
        with _ends(raw, clock):
            message = _parsed(raw, domains)
            raw.sender, raw.subject = message.sender.email[:320], message.subject[:500]
            read.append(_Read(raw, ticket_room.with_files_stored(message, origin=_origin(raw))))
        raw.content = None  # read and kept elsewhere; a batch of large mails must not stay in memory
    early = _answering_what_is_not_filed(read, now=clock())
    _give_back([each.raw for each in early], until=clock())
    _hand_over([each for each in read if each not in early], clock=clock)
    return len(early)


def _hand_over(read: list[_Read], *, clock: Callable[[], datetime]) -> None:
    """All in one transaction; if that fails, one by one, so that each answers for itself."""
    if len(read) > 1:
        try:
            done = ticket_room.receive_all([each.letter for each in read], now=clock())
        except (OperationalError, InterfaceError) as trouble:
            log.warning("batch=%s postponed: %s", len(read), type(trouble).__name__)
            connection.close_if_unusable_or_obsolete()
            _give_back([each.raw for each in read], until=clock() + AFTER_DATABASE_TROUBLE)
            return
        except Exception as bug:
            log.warning("batch=%s filed one by one: %s", len(read), type(bug).__name__)
        else:
            _end_filed(read, done, now=clock())
            return
    for each in read:
        with _ends(each.raw, clock):
            _end_filed([each], ticket_room.receive_all([each.letter], now=clock()), now=clock())


@contextmanager
def _ends(raw: RawMessage, clock: Callable[[], datetime]) -> Iterator[None]:
    """Whatever goes wrong with one mail inside, there is a word for it, and the mail stays."""
    try:
        yield
    except Unparseable as why:
        _quarantine(raw, why.reason_code, now=clock())
    except FileNotFoundError:
        log.error("raw=%s its bytes are gone", raw.public_id)
        _quarantine(raw, "bytes_missing", now=clock())
    except (OperationalError, InterfaceError, OSError) as trouble:
        log.warning("raw=%s postponed: %s", raw.public_id, type(trouble).__name__)
        connection.close_if_unusable_or_obsolete()
        _give_back([raw], until=clock() + AFTER_DATABASE_TROUBLE)
    except Exception as bug:
        log.exception("raw=%s could not be filed", raw.public_id)
        if raw.attempts >= MAX_STARTS:
            _quarantine(raw, "not_filed", detail=repr(bug)[:500], now=clock())
        else:
            _give_back([raw], until=clock() + AFTER_A_BUG, uncounted=0)


def _answering_what_is_not_filed(read: list[_Read], *, now: datetime) -> list[_Read]:
    """Answers to a letter that came before them and is with another process: they wait, a minute at most."""
    mentioned = {mention for each in read for mention in ticket_room.mentions(each.letter.heard)}
    if not mentioned:
        return []
    open_ones = RawMessage.objects.filter(mail_id__in=mentioned, state__in=(RawState.RECEIVED, RawState.PARSING))
    with_others = dict(open_ones.exclude(pk__in=[each.raw.pk for each in read]).values_list("mail_id", "pk"))
    return [
        each
        for each in read
        if now - each.raw.received_at < WAIT_FOR_EARLIER
        and any(with_others.get(m, each.raw.pk) < each.raw.pk for m in ticket_room.mentions(each.letter.heard))
    ]


def _parsed(raw: RawMessage, our_domains: frozenset[str]) -> InboundMessage:
    content = content_of(raw)
    message = _parsers.parse(
        content,
        received_at=raw.received_at,
        envelope_from=raw.envelope_from,
        envelope_to=tuple(raw.envelope_to),
        reply_domains=our_domains,
        timeout=PARSE_SECONDS,
    )
    sealers = settings.TRUSTED_SEALERS
    facts = evaluate(content, hop=_hop(raw), resolver=_resolver(), now=raw.received_at, sealers=sealers)
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
        is_local=raw.door != Door.SMTP or is_loopback(raw.client_ip) or _relays().is_relay(raw.client_ip),
        is_released=raw.is_released,
    )


def _give_back(raws: list[RawMessage], *, until: datetime, uncounted: int = 1) -> None:
    """Not now, and not this mail's fault unless `uncounted` is 0."""
    if not raws:
        return
    try:
        _mine(raws).update(state=RawState.RECEIVED, lease=None, leased_until=until, attempts=F("attempts") - uncounted)
    except (OperationalError, InterfaceError):
        log.warning("raw=%s stays claimed until its lease ends", ",".join(str(raw.public_id) for raw in raws))


def _quarantine(raw: RawMessage, reason: str, *, now: datetime, detail: str = "") -> None:
    ended = _mine([raw]).update(
        state=RawState.QUARANTINED,
        reason=reason[:64],
        detail=detail,
        due_at=now + QUARANTINE_TARGET,
        sender=raw.sender,
        subject=raw.subject,
        lease=None,
        leased_until=None,
        finished_at=now,
    )
    if ended:
        log.info("mail=quarantined raw=%s reason=%s", raw.public_id, reason)
        outbox.ring("nudge quarantine")


_END = """
    UPDATE channels_app_rawmessage AS raw
       SET state = ended.state, reason = ended.reason, sender = ended.sender, subject = ended.subject,
           due_at = ended.due, ticket_number = ended.number, ticket_id = ended.ticket, message_id = ended.message,
           lease = NULL, leased_until = NULL, finished_at = %s
      FROM (VALUES %s) AS ended (id, lease, state, reason, due, sender, subject, number, ticket, message)
     WHERE raw.id = ended.id AND raw.lease = ended.lease AND raw.state = 'parsing'"""
_ENDED = "(%s, %s::uuid, %s, %s, %s::timestamptz, %s, %s, %s, %s::bigint, %s::bigint)"


def _end_filed(read: list[_Read], received: list[Received], *, now: datetime) -> None:
    """What the ticket room made of them. One statement."""
    rows = []
    for each, end in zip(read, received, strict=True):
        raw, is_human = each.raw, each.letter.heard.nature is Nature.PERSON
        due_at = now + QUARANTINE_TARGET if end.outcome is Outcome.QUARANTINED and is_human else None
        rows.append(
            (raw.pk, raw.lease, STATES[end.outcome].value, end.reason[:64], due_at, raw.sender, raw.subject,
             end.ticket_number, end.ticket_id, end.message_id)
        )  # fmt: skip
    with connection.cursor() as cursor:
        statement = _END.replace("%s", cursor.mogrify("%s", [now]).decode(), 1)
        execute_values(cursor, statement, rows, template=_ENDED, page_size=len(rows))
    for each, end in zip(read, received, strict=True):
        log.info("mail=%s raw=%s ticket=%s", end.outcome.value, each.raw.public_id, end.ticket_number or "none")
    if any(end.outcome is Outcome.QUARANTINED for end in received):
        outbox.ring("nudge quarantine")


def _mine(raws: list[RawMessage]) -> QuerySet[RawMessage]:
    """Those still ours: they were claimed together."""
    return RawMessage.objects.filter(pk__in=[raw.pk for raw in raws], lease=raws[0].lease, state=RawState.PARSING)
