"""Reads for the pages, the relay and the health page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from channels_app.models import RawMessage, RawState


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    public_id: UUID
    sender: str  # "" if nobody could tell
    subject: str
    reason: str  # reason code
    detail: str
    received_at: datetime
    size_bytes: int
    door: str
    channel: str


def quarantine(*, limit: int = 200) -> list[QuarantineRow]:
    """Mails that wait for a person, oldest first. One query."""
    rows = RawMessage.objects.filter(state=RawState.QUARANTINED).order_by("received_at", "id")
    return [
        QuarantineRow(**{**row, "channel": row.pop("channel__slug") or ""})
        for row in rows.values(
            "public_id", "sender", "subject", "reason", "detail", "received_at", "size_bytes", "door", "channel__slug"
        )[:limit]
    ]


def quarantine_count() -> int:
    return RawMessage.objects.filter(state=RawState.QUARANTINED).count()


def has_incoming(now: datetime) -> bool:
    """Whether a mail waits to be read, or is held by a process that must have died."""
    return RawMessage.objects.filter(claimable(now)).exists()


def claimable(now: datetime) -> Q:
    return Q(state=RawState.RECEIVED) & (Q(leased_until=None) | Q(leased_until__lte=now)) | Q(
        state=RawState.PARSING, leased_until__lt=now
    )
