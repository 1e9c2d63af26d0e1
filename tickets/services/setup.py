"""Queues: added, renamed, given to another team, retired. The only writer of queues."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from events import outbox
from staff.actor import Actor
from staff.models import Team
from tickets.enums import DONE
from tickets.event_types import QueueChanged, QueueSetUp
from tickets.models import Queue, Ticket
from tickets.services.signatures import keep_of_queue

LONGEST_NAME = 100


class Unfit(Exception):
    """A setting that would leave the desk worse off; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ensure_queue(slug: str, *, name_ru: str, name_en: str, team_slug: str) -> None:
    team = Team.objects.get(slug=team_slug)
    Queue.objects.get_or_create(slug=slug, defaults={"name_ru": name_ru, "name_en": name_en, "team": team})


@transaction.atomic
def add_queue(
    *, name_ru: str, name_en: str, team: str, signatures: Mapping[str, str], by: Actor, now: datetime
) -> Queue:
    """`signatures`: language -> text. Refused: no_name, name_too_long, no_team; long_signature as they refuse it."""
    names = _names(name_ru, name_en)
    queue = Queue.objects.create(slug=_free_slug(names[1]), name_ru=names[0], name_en=names[1], team=_team(team))
    _sign(queue.slug, signatures)
    outbox.record(QueueSetUp(queue=queue.slug, what="added"), by=by.key, now=now)
    return queue


@transaction.atomic
def change_queue(
    slug: str, *, name_ru: str, name_en: str, team: str, signatures: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Its open tickets go to the new team with it; what is done stays with the team that did it."""
    queue = _locked(slug)
    queue.name_ru, queue.name_en = _names(name_ru, name_en)
    served_by = _team(team)
    if queue.team_id != served_by.pk:
        queue.team = served_by
        tickets = Ticket.objects.filter(queue=queue).exclude(status__in=DONE)
        tickets.update(team=served_by, version=F("version") + 1, updated_at=now)
    queue.save()
    _sign(slug, signatures)
    outbox.record(QueueSetUp(queue=slug, what="changed"), by=by.key, now=now)


@transaction.atomic
def retire_queue(slug: str, *, move_to: str, by: Actor, now: datetime) -> None:
    """Takes it out of every list; its open tickets go to `move_to`.

    That has to be named even where none is seen: else a refusal would tell of restricted ones. Refused: no_queue.
    """
    queue = _locked(slug)
    target = Queue.objects.filter(slug=move_to, is_active=True).exclude(pk=queue.pk).first()
    if target is None:
        raise Unfit("no_queue")
    held = Ticket.objects.filter(queue=queue).exclude(status__in=DONE)
    tickets = list(held.select_for_update(of=("self",)).order_by("id").values_list("pk", flat=True))
    moved = {"queue": target, "team": target.team_id, "version": F("version") + 1, "updated_at": now}
    Ticket.objects.filter(pk__in=tickets).update(**moved)
    changes = (QueueChanged(ticket_id=ticket, before=slug, after=target.slug) for ticket in tickets)
    outbox.record(*changes, by=by.key, now=now)
    queue.is_active = False
    queue.save()
    outbox.record(QueueSetUp(queue=slug, what="retired"), by=by.key, now=now)


@transaction.atomic
def reopen_queue(slug: str, *, by: Actor, now: datetime) -> None:
    queue = _locked(slug)
    if not queue.team.is_active:
        raise Unfit("no_team")
    queue.is_active = True
    queue.save()
    outbox.record(QueueSetUp(queue=slug, what="reopened"), by=by.key, now=now)


def _sign(slug: str, signatures: Mapping[str, str]) -> None:
    for language, text in signatures.items():
        keep_of_queue(slug, language=language, text=text)


def _locked(slug: str) -> Queue:
    queue = Queue.objects.select_for_update(of=("self",)).select_related("team").filter(slug=slug).first()
    if queue is None:
        raise Unfit("no_queue")
    return queue


def _team(slug: str) -> Team:
    team = Team.objects.filter(slug=slug, is_active=True).first()
    if team is None:
        raise Unfit("no_team")
    return team


def _names(name_ru: str, name_en: str) -> tuple[str, str]:
    """One name serves both languages until there is another."""
    ru, en = name_ru.strip(), name_en.strip()
    if not (ru or en):
        raise Unfit("no_name")
    if max(len(ru), len(en)) > LONGEST_NAME:
        raise Unfit("name_too_long")
    return ru or en, en or ru


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:40] or "queue"
    taken = set(Queue.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, 10_000))) if slug not in taken)
