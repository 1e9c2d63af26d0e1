"""Who is told of what happens to his tickets: written once for each event, read and marked as seen by himself."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from automation import choices
from automation.models import Notification
from automation.policies import Way
from events import outbox
from events.models import Delivery
from events.registry import Subscriber, Work
from staff.actor import Actor
from staff.event_types import topic_of
from staff.models import StaffProfile
from tickets import access
from tickets.event_types import ReplyWritten
from tickets.numbers import pretty
from tickets.services import replies

PAGE = 50
MOST_COUNTED = 100
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Told:
    id: int
    kind: str
    by: str  # key of the actor
    at: datetime
    is_seen: bool
    number: str  # "" of a ticket he may not see any more
    pretty_number: str
    subject: str


@dataclass(frozen=True, slots=True)
class ToldPage:
    rows: list[Told]
    next_before: int | None


def tell(work: Work) -> None:
    """Nobody is told of a ticket that he may not see at this moment, nor of what he does not want to be told."""
    people = StaffProfile.objects.select_related("user", "choices").filter(user__is_active=True)
    person, kind = people.filter(pk=int(work.key)).first(), work.payload["tells"][work.key]
    if person is None or (
        work.event_type == ReplyWritten.__name__ and replies.is_withdrawn(work.payload["message_id"])
    ):
        return
    told = choices.of(person)
    if told.way(kind) is Way.NONE or not access.numbers_of(person.actor(), [work.payload["ticket_id"]]):
        return
    with transaction.atomic():
        _, is_new = Notification.objects.get_or_create(
            event_id=Delivery.objects.values_list("event_id", flat=True).get(pk=work.id),
            staff=person,
            defaults={
                "ticket_id": work.payload["ticket_id"],
                "kind": kind,
                "at": work.event_at,
                "mail_due_at": told.mail_due_at(kind, work.event_at),
            },
        )
        if is_new:
            outbox.ring(f"nudge {topic_of(person.pk)}")


SUBSCRIBER = Subscriber(name="notifications", handler=tell)


def unseen_count(actor: Actor) -> int:
    """Counted no further than a badge has room for."""
    unseen = Notification.objects.filter(staff_id=actor.staff_id, seen_at=None)
    return len(unseen.values_list("id")[:MOST_COUNTED])


def newest_unseen(actor: Actor) -> list[Told]:
    unseen = (
        Notification.objects.filter(staff_id=actor.staff_id, seen_at=None)
        .select_related("event")
        .order_by("-id")[:NEWEST]
    )
    return [told for told in _told(actor, list(unseen)) if told.number]


def page(actor: Actor, *, before: int | None) -> ToldPage:
    rows = Notification.objects.filter(staff_id=actor.staff_id).select_related("event").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: PAGE + 1])
    return ToldPage(_told(actor, found[:PAGE]), found[PAGE - 1].pk if len(found) > PAGE else None)


def mark_seen(actor: Actor, *, number: str = "", now: datetime) -> None:
    """All of this person's, or those of one ticket."""
    unseen = Notification.objects.filter(staff_id=actor.staff_id, seen_at=None)
    if number:
        unseen = unseen.filter(ticket__number=number)
    unseen.update(seen_at=now)


def old(before: datetime) -> QuerySet[Notification]:
    """The journals keep what happened."""
    return Notification.objects.filter(at__lt=before).order_by("at")


def _told(actor: Actor, rows: list[Notification]) -> list[Told]:
    tickets = access.numbers_of(actor, {row.ticket_id for row in rows})
    return [
        Told(
            row.pk,
            row.kind,
            row.event.actor,
            row.at,
            row.seen_at is not None,
            number,
            pretty(number) if number else "",
            subject,
        )
        for row in rows
        for number, subject in [tickets.get(row.ticket_id, ("", ""))]
    ]
