"""The level of a ticket falls by itself when what proves it runs out."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, level_in_other_account, ticket_level
from core.trust import Level
from customers.models import ContactPoint
from events import outbox
from staff.actor import SYSTEM
from tickets.event_types import LevelFell
from tickets.models import Message, Ticket
from tickets.services.intake import touch

MOST_AT_ONCE = 200


def sweep(now: datetime) -> None:
    """Chore of the relay: judges again every ticket whose proof has just run out."""
    due = Ticket.objects.filter(level_until__lte=now).order_by("level_until").values_list("pk", flat=True)
    for pk in due[:MOST_AT_ONCE]:
        _judge_again(pk, now=now)


@transaction.atomic
def _judge_again(pk: int, *, now: datetime) -> None:
    ticket = (
        Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, level_until__lte=now).first()
    )
    if ticket is None:
        return  # somebody works on it; the next sweep sees it again
    before = ticket.level
    judge(ticket, now=now)
    touch(ticket, now=now)
    if ticket.level < before:
        outbox.record(LevelFell(ticket_id=ticket.pk, before=before, after=ticket.level), by=SYSTEM.key, now=now)


def judge(ticket: Ticket, *, now: datetime) -> None:
    """Sets the level of a locked ticket from all its evidence, does not save it. One query."""
    rows = Evidence.objects.standing().filter(ticket=ticket).values_list("kind", "level", "at", "expires_at")
    judged = ticket_level(
        [EvidenceItem(kind=kind, level=Level(level), at=at, expires_at=until) for kind, level, at, until in rows], now
    )
    ticket.level, ticket.level_until = int(judged.level), judged.until


def judge_without(ticket: Ticket, message: Message, *, by: str, now: datetime) -> None:
    """The same once this message is in the ticket no more: it proves nothing of the words that stay."""
    for item in Evidence.objects.standing().filter(ticket=ticket, message=message):
        _revoke(item, why="moved", by=by, now=now)
    judge(ticket, now=now)


def judge_for_account(ticket: Ticket, *, by: str, now: datetime) -> None:
    """The same once the ticket has an account that it had not."""
    points = ContactPoint.objects.filter(account_id=ticket.account_id or 0, kind="email", value=ticket.requester_email)
    since = points.aggregate(newest=Max("on_file_since"))["newest"]
    for item in Evidence.objects.standing().filter(ticket=ticket):
        weighed = EvidenceItem(kind=item.kind, level=Level(item.level), at=item.at, expires_at=item.expires_at)
        left = level_in_other_account(weighed, on_file_since=since)
        if left == item.level:
            continue
        _revoke(item, why="of_another_account", by=by, now=now)
        if left is not None:
            Evidence.objects.create(
                ticket=ticket,
                message_id=item.message_id,
                kind=item.kind,
                level=int(left),
                established_by=item.established_by,
                at=item.at,
                expires_at=item.expires_at,
                facts=item.facts,
            )
    judge(ticket, now=now)


def _revoke(item: Evidence, *, why: str, by: str, now: datetime) -> None:
    Evidence.objects.create(
        ticket_id=item.ticket_id,
        message_id=item.message_id,
        kind=item.kind,
        level=item.level,
        scope=item.scope,
        established_by=by,
        at=now,
        revokes=item,
        facts=[{"kind": "revoked", "verdict": why}],
    )
