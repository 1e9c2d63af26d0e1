"""Reads for the pages, the relay and the health page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, OuterRef, Q, Subquery

from channels_app.imap_settings import INBOX
from channels_app.intake import content_of
from channels_app.mailboxes import TypedMailbox, stored_server
from channels_app.models import Channel, Door, DoorState, HeldFile, RawMessage, RawState
from channels_app.policies.raw_ids import public_ids
from channels_app.policies.servers import Security, TypedServer
from core import prepared
from events.books import NOTHING, Seen
from events.models import Delivery, DeliveryState
from tickets.queries import books
from tickets.queries.queue import oldest_queue

SILENT_AFTER = timedelta(minutes=3)  # a process behind a door says every minute how it is
MOST_COUNTED = 1000
LAST_LETTERS = 200
BAD_ENDS_FOR = timedelta(days=7)
NO_SERVER = TypedServer("", "", Security.TLS, "", "")


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


def addresses_by_queue() -> dict[str, tuple[str, ...]]:
    """Queue slug -> our addresses that lead to it, the oldest first. One query."""
    found: dict[str, tuple[str, ...]] = {}
    for queue, address in Channel.objects.filter(is_active=True).order_by("id").values_list("queue_slug", "address"):
        found[queue] = (*found.get(queue, ()), address)
    return found


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Where requests go that name no mailbox, and from which address they are answered ("": there is none)."""

    queue: str
    address: str


def front_door() -> FrontDoor:
    """The oldest mailbox in use; without any the oldest queue, which then cannot answer. One query or two."""
    with connection.cursor() as cursor:  # by hand: each request through the API asks it
        prepared.execute(
            cursor, "SELECT queue_slug, address FROM channels_app_channel WHERE is_active ORDER BY id LIMIT 1"
        )
        first = cursor.fetchone()
    return FrontDoor(*first) if first else FrontDoor(oldest_queue(), "")


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
        SELECT id, state, reason, message_id, ticket_id FROM channels_app_rawmessage ORDER BY id DESC LIMIT %s) AS raw
     WHERE raw.state = 'filed' AND raw.reason <> 'side_letter'"""


def mail_nowhere(now: datetime, *, recent: int | None = 1000) -> Seen:
    """Mail that is said to be filed and is not at a ticket. `None` looks at all there ever was."""
    lost = 0
    with connection.cursor() as cursor:
        cursor.execute(_FILED, [recent])
        while rows := cursor.fetchmany(5000):
            lost += len({message for _, message, _ in rows} - books.known_messages([m for _, m, _ in rows if m]))
    return Seen(lost)


def promised_files() -> Iterator[str]:
    """Digests of all mail too large for its row, and of files whose request is not sent yet."""
    kinds = (RawMessage.objects.filter(content=None), HeldFile.objects.all())
    return chain.from_iterable(rows.values_list("digest", flat=True).iterator(10_000) for rows in kinds)


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


@dataclass(frozen=True, slots=True)
class DoorView:
    """A mailbox, or the listener itself (no slug)."""

    slug: str
    name: str
    address: str
    queue: str  # slug
    door: str
    is_active: bool
    trouble: str  # code; "" when all is well or nothing was told yet
    since: datetime | None
    good_at: datetime | None  # when it last did what it is for
    last_mail_at: datetime | None


def mailboxes(*, now: datetime) -> list[DoorView]:
    """Every mailbox and how it is. A mailbox of the listener is as the listener is. Two queries."""
    last_mail = RawMessage.objects.filter(channel=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    states = {(state.door, state.channel_id): state for state in DoorState.objects.all()}
    channels = Channel.objects.filter(driver="email").annotate(last_mail_at=Subquery(last_mail)).order_by("address")
    return [_door_view(channel, states, now=now) for channel in channels]


def listener(*, now: datetime) -> DoorView:
    state = DoorState.objects.filter(door=Door.SMTP, channel=None).first()
    trouble, since, good_at = _how_it_is(state, now=now)
    return DoorView("", "", "", "", Door.SMTP, True, trouble, since, good_at, None)


def _door_view(channel: Channel, states: dict[tuple[str, int | None], DoorState], *, now: datetime) -> DoorView:
    last_mail_at = channel.last_mail_at  # type: ignore[attr-defined]  # annotated
    if channel.door == Door.PIPE:  # a process of its own for every mail: nothing to be silent
        trouble, since, good_at = "", None, last_mail_at
    else:
        own = channel.pk if channel.door == Door.IMAP else None
        trouble, since, good_at = _how_it_is(states.get((channel.door, own)), now=now)
    return DoorView(
        slug=channel.slug,
        name=channel.name,
        address=channel.address,
        queue=channel.queue_slug,
        door=channel.door,
        is_active=channel.is_active,
        trouble=trouble,
        since=since,
        good_at=good_at,
        last_mail_at=last_mail_at,
    )


def _how_it_is(state: DoorState | None, *, now: datetime) -> tuple[str, datetime | None, datetime | None]:
    if state is None:
        return "", None, None
    if now - state.alive_at > SILENT_AFTER:
        return "silent", state.alive_at, state.good_at
    return state.trouble, state.troubled_since, state.good_at


@dataclass(frozen=True, slots=True)
class MailboxView:
    slug: str
    name: str
    typed: TypedMailbox  # as its form shows it: without the password
    has_password: bool


def mailbox(slug: str) -> MailboxView | None:
    channel = Channel.objects.filter(slug=slug, driver="email").first()
    if channel is None:
        return None
    server = stored_server(channel)
    kept = channel.config.get("imap", {})
    typed = TypedMailbox(
        address=channel.address,
        name=channel.name,
        queue=channel.queue_slug,
        door=channel.door,
        server=server or NO_SERVER,
        folder=kept.get("folder", INBOX),
        processed=kept.get("processed", "Processed"),
    )
    return MailboxView(channel.slug, channel.name, typed, has_password=server is not None)


@dataclass(frozen=True, slots=True)
class Incoming:
    waiting: int  # stored and not filed yet
    is_more: bool  # there are more than that
    oldest_at: datetime | None
    quarantined: int


def incoming() -> Incoming:
    """Two queries; looks at no more than a thousand mails."""
    open_states = (RawState.RECEIVED, RawState.PARSING)
    waiting = RawMessage.objects.filter(state__in=open_states).order_by("id").values_list("received_at", flat=True)
    found = list(waiting[: MOST_COUNTED + 1])
    return Incoming(
        waiting=min(len(found), MOST_COUNTED),
        is_more=len(found) > MOST_COUNTED,
        oldest_at=found[0] if found else None,
        quarantined=quarantine_count(),
    )


@dataclass(frozen=True, slots=True)
class Outgoing:
    waiting: int
    is_more: bool
    oldest_at: datetime | None
    failed: int  # of the last seven days
    uncertain: int
    sent_at: datetime | None  # when a letter was last taken, as far as the last letters tell
    trouble: str  # code of why the newest one that waits was not taken


def outgoing(*, now: datetime) -> Outgoing:
    """Three queries; looks at no more than a thousand letters that wait and the last two hundred of all."""
    mine = Delivery.objects.filter(subscriber="mail")
    open_states = (DeliveryState.PENDING, DeliveryState.LEASED)
    found = list(mine.filter(state__in=open_states).values_list("created_at", flat=True)[: MOST_COUNTED + 1])
    bad = mine.filter(state__in=(DeliveryState.FAILED, DeliveryState.UNCERTAIN), finished_at__gt=now - BAD_ENDS_FOR)
    ends = dict(bad.values_list("state").annotate(number=Count("id")))
    last = mine.order_by("-id").values_list("state", "finished_at", "last_error")[:LAST_LETTERS]
    sent = [at for state, at, _ in last if state == DeliveryState.DONE and at]
    troubles = [error.partition(" ")[0] for state, _, error in last if state in open_states and error]
    return Outgoing(
        waiting=min(len(found), MOST_COUNTED),
        is_more=len(found) > MOST_COUNTED,
        oldest_at=min(found, default=None),
        failed=ends.get(DeliveryState.FAILED, 0),
        uncertain=ends.get(DeliveryState.UNCERTAIN, 0),
        sent_at=max(sent, default=None),
        trouble=troubles[0] if troubles else "",
    )


def raw_mails(raw_ids: Collection[str]) -> Iterator[tuple[UUID, bytes]]:
    """Mails byte by byte as they came, the oldest first; those that are still kept."""
    kept = RawMessage.objects.filter(public_id__in=public_ids(raw_ids)).exclude(digest="")
    for raw in kept.order_by("id").iterator(20):
        yield raw.public_id, content_of(raw)
