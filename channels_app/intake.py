"""What a door does with a mail: one short transaction, then it may say yes. Nothing is parsed here."""

import hashlib
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg2 import Binary
from psycopg2.extras import Json

from channels_app.mail import addresses
from channels_app.mail_auth import block
from channels_app.models import Channel, Door, RawMessage, RawState
from core import blobs
from events import outbox

log = logging.getLogger(__name__)

BELL = "bell mail_in"
IN_ROW_BYTES = 1024 * 1024

# One statement, so outside a transaction one round trip: stored, and the doorbell rung with its commit.
_INSERT = """
    WITH stored AS (INSERT INTO channels_app_rawmessage AS known (
        public_id, channel_id, door, envelope_from, envelope_to, helo, client_ip, received_at, size_bytes, digest,
        content, dedupe_key, mail_id, sender, subject, state, reason, detail, handled_by, ticket_number)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'received', '', '', '', '')
    ON CONFLICT (channel_id, dedupe_key) DO UPDATE
       SET repeats = known.repeats + 1, repeated_at = EXCLUDED.received_at
    RETURNING public_id, repeats = 0 AS is_new)
    SELECT public_id, is_new, CASE WHEN is_new THEN pg_notify(%s, %s) IS NULL END FROM stored"""


class NoChannel(Exception):
    """The address is none of ours."""


@dataclass(frozen=True, slots=True)
class Accepted:
    public_id: UUID
    is_new: bool  # false: this very mail was here before, by whatever way


def channel_for(address: str) -> Channel | None:
    """The active mail channel an address belongs to; "support+token@" is support's."""
    local, at, domain = addresses.normal_form(clean(address).strip()).rpartition("@")
    if not at:
        return None
    candidates = {f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"}
    found = Channel.objects.filter(address__in=candidates, is_active=True, driver="email")
    return max(found, key=lambda channel: len(channel.address), default=None)


def accept(
    raw: bytes,
    *,
    door: Door | str,
    now: datetime,
    channel: Channel | None = None,
    address: str = "",
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    helo: str = "",
    client_ip: str = "",
) -> Accepted:
    """Stores a mail for good. After it returns outside a transaction, the sender may be told yes.

    Raises `NoChannel` for an address that is none of ours, `OSError` and `DatabaseError` when it cannot be stored:
    then the sender must keep it.
    """
    channel = channel or channel_for(address)
    if channel is None:
        raise NoChannel(address)
    digest = hashlib.sha256(raw).hexdigest()
    if len(raw) > IN_ROW_BYTES:
        blobs.put(raw)
    fields = block.split(raw)
    values = [
        uuid.uuid4(),
        channel.pk,
        str(door),
        None if envelope_from is None else clean(envelope_from),
        Json([clean(each) for each in envelope_to]),
        clean(helo),
        client_ip[:64],
        now,
        len(raw),
        digest,
        Binary(raw) if len(raw) <= IN_ROW_BYTES else None,
        _dedupe_key(raw, fields),
        _mail_id(fields),
        # As they stand: what the quarantine shows of a mail that no parser could read.
        _literal(fields, b"from", 320),
        _literal(fields, b"subject", 500),
        outbox.CHANNEL,
        BELL,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        public_id, is_new, _ = cursor.fetchone()
    log.info("mail=%s raw=%s door=%s bytes=%s", "accepted" if is_new else "known", public_id, str(door), len(raw))
    return Accepted(public_id, is_new)


def dedupe_key_of(raw: bytes) -> str:
    """What stays the same when one mail comes twice by different ways: all but the trace fields.

    Without a Message-ID nothing tells two equal alarms apart but those, so then all bytes count.
    """
    return _dedupe_key(raw, block.split(raw))


def _dedupe_key(raw: bytes, fields: block.Block) -> str:
    ids = [value.strip() for value in fields.values(b"message-id") if value.strip()]
    if not ids:
        return hashlib.sha256(raw).hexdigest()
    key = hashlib.sha256()
    for name in (b"message-id", b"from", b"date", b"subject"):
        values = [b" ".join(value.split()) for value in fields.values(name)]
        key.update(b"%d\x00" % len(values) + b"\x00".join(values) + b"\x01")
    key.update(raw[fields.body_at :].replace(b"\r\n", b"\n"))
    return key.hexdigest()


def _mail_id(fields: block.Block) -> str:
    values = [value.strip() for value in fields.values(b"message-id") if value.strip()]
    return block.printable(values[0].strip(b"<>"), 998) if values else ""


def _literal(fields: block.Block, name: bytes, length: int) -> str:
    values = fields.values(name)
    return block.printable(b" ".join(values[0].split()), length) if values else ""


def content_of(raw: RawMessage) -> bytes:
    """Raises FileNotFoundError when a promised blob is gone."""
    return blobs.read(raw.digest) if raw.content is None else bytes(raw.content)


def release(public_id: UUID | str, *, by: str, now: datetime) -> bool:
    """Takes a mail out of quarantine to become a ticket. False if it was not (or no longer) there."""
    with transaction.atomic():
        changed = _quarantined(public_id).update(
            state=RawState.RECEIVED, is_released=True, handled_by=by, attempts=0, leased_until=None, finished_at=None
        )
        if changed:
            outbox.ring(BELL, "nudge quarantine")
    return bool(changed)


def dismiss(public_id: UUID | str, *, by: str, now: datetime) -> bool:
    """Ends a quarantined mail without a ticket. The bytes stay. False if it was not (or no longer) there."""
    with transaction.atomic():
        changed = _quarantined(public_id).update(state=RawState.REFUSED, handled_by=by, finished_at=now)
        if changed:
            outbox.ring("nudge quarantine")
    return bool(changed)


def _quarantined(public_id: UUID | str) -> QuerySet[RawMessage]:
    return RawMessage.objects.filter(public_id=public_id, state=RawState.QUARANTINED)


def is_loopback(client_ip: str) -> bool:
    try:
        address = ip_address(client_ip)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def clean(text: str) -> str:
    """Words of an envelope as PostgreSQL can hold them: 8-bit bytes decoded if they are UTF-8, no NUL."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\x00", "")
