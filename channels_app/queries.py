"""Reads for the pages, the relay and the health page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from channels_app.models import WRITER, RawMessage, RawState
from core.cursor import place_after, place_of


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    public_id: UUID
    sender: str  # "" if nobody could tell
    subject: str
    reason: str  # reason code
    detail: str
    received_at: datetime
    due_at: datetime | None  # None: a machine wrote it, nobody waits
    size_bytes: int
    door: str
    channel: str
    queue: str  # slug; its team looks after the mail


def quarantine(*, limit: int = 200) -> list[QuarantineRow]:
    """Mails that wait for a person, oldest first. One query."""
    rows = RawMessage.objects.filter(state=RawState.QUARANTINED).select_related("channel").defer("content")
    return [
        QuarantineRow(
            public_id=row.public_id,
            sender=row.sender,
            subject=row.subject,
            reason=row.reason,
            detail=row.detail,
            received_at=row.received_at,
            due_at=row.due_at,
            size_bytes=row.size_bytes,
            door=row.door,
            channel=row.channel.slug if row.channel else "",
            queue=row.channel.queue_slug if row.channel else "",
        )
        for row in rows.order_by("received_at", "id")[:limit]
    ]


def quarantine_count() -> int:
    return RawMessage.objects.filter(state=RawState.QUARANTINED).count()


def more_than_wait(number: int) -> bool:
    """Whether more mails than that are stored and not read yet. Looks at no more of them."""
    waiting = RawMessage.objects.filter(state__in=(RawState.RECEIVED, RawState.PARSING)).order_by("id")
    return waiting.values_list("id")[number : number + 1].exists()


def has_incoming(now: datetime) -> bool:
    """Whether a mail waits to be read, or is held by a process that must have died."""
    waits = Q(state=RawState.RECEIVED) & (Q(leased_until=None) | Q(leased_until__lte=now))
    return RawMessage.objects.filter(waits | Q(state=RawState.PARSING, leased_until__lt=now)).exists()


@dataclass(frozen=True, slots=True)
class MailRow:
    """One accepted mail and how far it came; what the ticket room made of it is in `tickets.queries.ends_of_mail`."""

    public_id: UUID
    sender: str  # "" if nobody could tell, raw header while unread
    subject: str
    received_at: datetime
    size_bytes: int
    channel: str
    state: str
    reason: str  # reason code
    is_released: bool
    handled_by: str  # Actor.key of who released or dismissed it
    repeats: int
    repeated_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailPage:
    rows: list[MailRow]
    next_cursor: str = ""


def mail(
    *, sender: str = "", since: datetime | None = None, until: datetime | None = None, after: str = "", limit: int = 50
) -> MailPage:
    """Every mail ever accepted, newest first; `sender` is a normal address, `until` excluded. One query, by index."""
    rows = RawMessage.objects.order_by("-received_at", "-id")
    if sender:
        rows = rows.alias(writer=WRITER).filter(writer=sender)
    if since:
        rows = rows.filter(received_at__gte=since)
    if until:
        rows = rows.filter(received_at__lt=until)
    if place := place_of(after):
        at, pk = place
        rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=pk), received_at__lte=at)
    found = list(rows.select_related("channel").defer("content")[: limit + 1])
    shown = [
        MailRow(
            public_id=row.public_id,
            sender=row.sender,
            subject=row.subject,
            received_at=row.received_at,
            size_bytes=row.size_bytes,
            channel=row.channel.address if row.channel else "",
            state=row.state,
            reason=row.reason,
            is_released=row.is_released,
            handled_by=row.handled_by,
            repeats=row.repeats,
            repeated_at=row.repeated_at,
        )
        for row in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return MailPage(shown, place_after(last.received_at, last.pk) if last else "")
