""" "Did my mail arrive?": the register of every mail that was ever accepted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from channels_app.models import WRITER, RawMessage
from core.cursor import place_after, place_of


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
