"""Reads for the pages, the relay and the health page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q

from channels_app.models import RawMessage, RawState
from events.books import NOTHING, Seen
from tickets.queries import books


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


def mail_unread(now: datetime) -> Seen:
    """Mail that was accepted and is not read yet: how long the oldest waits. Counted up to a thousand."""
    waiting = RawMessage.objects.filter(state__in=(RawState.RECEIVED, RawState.PARSING)).order_by("id")
    received = list(waiting.values_list("received_at", flat=True)[:1000])
    return Seen(len(received), min(received)) if received else NOTHING


_FILED = """
    SELECT raw.id, raw.message_id, raw.ticket_id FROM (
        SELECT id, state, message_id, ticket_id FROM channels_app_rawmessage ORDER BY id DESC LIMIT %s) AS raw
     WHERE raw.state = 'filed'"""


def mail_nowhere(now: datetime, *, recent: int | None = 1000) -> Seen:
    """Mail that is said to be filed and is not at a ticket. `None` looks at all there ever was."""
    lost = 0
    with connection.cursor() as cursor:
        cursor.execute(_FILED, [recent])
        while rows := cursor.fetchmany(5000):
            lost += len({message for _, message, _ in rows} - books.known_messages([m for _, m, _ in rows if m]))
    return Seen(lost)


def promised_files() -> Iterator[str]:
    """Digests of all mail too large for its row."""
    return RawMessage.objects.filter(content=None).values_list("digest", flat=True).iterator(10_000)


# For monitoring


def newest_mail() -> int:
    return RawMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0


def settled_mail() -> int:
    """The last mail before the first that is still in work."""
    waiting = RawMessage.objects.filter(state__in=(RawState.RECEIVED, RawState.PARSING)).order_by("id")
    first = waiting.values_list("id", flat=True).first()
    return first - 1 if first else newest_mail()


def count_mail(after: int, upto: int) -> dict[str, int]:
    """What became of mail, by the door it came through: `mail:smtp:filed`."""
    rows = RawMessage.objects.filter(pk__gt=after, pk__lte=upto).order_by()
    counted = rows.values_list("door", "state").annotate(number=Count("pk"))
    return {f"mail:{door}:{state}": number for door, state, number in counted}


def quarantine_age(now: datetime) -> Seen:
    """Mail that waits for a person, and since when the oldest does. Counted up to a thousand."""
    waiting = RawMessage.objects.filter(state=RawState.QUARANTINED).order_by("received_at")
    received = list(waiting.values_list("received_at", flat=True)[:1000])
    return Seen(len(received), received[0]) if received else NOTHING


def quarantine_overdue(now: datetime) -> int:
    """Mail of people that nobody looked at in time."""
    return RawMessage.objects.filter(state=RawState.QUARANTINED, due_at__lt=now).count()
