"""The level of a ticket falls by itself when what proves it runs out."""

from datetime import datetime

from django.db import transaction

from assurance.models import Evidence
from assurance.policies.levels import EvidenceItem, ticket_level
from core.trust import Level
from events import outbox
from staff.actor import SYSTEM
from tickets.event_types import LevelFell
from tickets.models import Ticket
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
    rows = Evidence.objects.filter(ticket=ticket, revokes=None).values_list("kind", "level", "at", "expires_at")
    judged = ticket_level(
        [EvidenceItem(kind=kind, level=Level(level), at=at, expires_at=until) for kind, level, at, until in rows], now
    )
    ticket.level, ticket.level_until = int(judged.level), judged.until
