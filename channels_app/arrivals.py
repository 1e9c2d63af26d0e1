""" "Did my mail arrive?": the register of every mail that was ever accepted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from channels_app.models import WRITER, RawMessage
from core.cursor import place_after, place_of

FEW = 2_000  # mails that are sorted for one page
WALKED = 20_000  # mails looked through for one page


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
    *,
    sender: str = "",
    part: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: str = "",
    limit: int = 50,
) -> MailPage:
    """Every mail ever accepted, newest first; `until` excluded. One query or two, by index.

    `sender` is a normal address, `part` stands somewhere in one. A page of a part that many have may be short, or
    empty, and go on: it ends where `WALKED` mails were looked through.
    """
    rows = RawMessage.objects.order_by("-received_at", "-id")
    if since:
        rows = rows.filter(received_at__gte=since)
    if until:
        rows = rows.filter(received_at__lt=until)
    if place := place_of(after):
        at, pk = place
        rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=pk), received_at__lte=at)
    end = ""
    if sender:
        rows = rows.alias(writer=WRITER).filter(writer=sender)
    elif part:
        rows, end = _of_part(rows, part)
    found = list(rows.select_related("channel").defer("content")[: limit + 1])
    shown = [_row(row) for row in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return MailPage(shown, place_after(last.received_at, last.pk) if last else end)


def _of_part(rows: QuerySet[RawMessage], part: str) -> tuple[QuerySet[RawMessage], str]:
    """Those of the part, and the place to go on from where not all were looked through.

    What few have is asked of the index and sorted; what many have is met soon by walking back in time.
    """
    having = rows.alias(writer=WRITER).filter(writer__contains=part)
    keys = list(having.order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(keys) <= FEW:
        return RawMessage.objects.filter(pk__in=keys).order_by("-received_at", "-id"), ""
    last = rows.values_list("received_at", "pk")[WALKED - 1 : WALKED].first()
    if last is not None:
        at, pk = last
        having = having.filter(Q(received_at__gt=at) | Q(received_at=at, id__gte=pk), received_at__gte=at)
    return having, place_after(at, pk) if last else ""


def _row(row: RawMessage) -> MailRow:
    return MailRow(
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
