"""Erasing what somebody asked and wrote, with an act of destruction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models, transaction

from channels_app import erasing as mail
from core import blobs
from core.normal_forms import normal_form
from events import outbox
from privacy.event_types import ActWritten
from privacy.models import Destruction
from staff.actor import Actor
from staff.roles import Perm
from tickets.services import erasing as words

MOST_REASON = 300


class Refused(Exception):
    """`code`: no_right | bad_email | nothing | unfinished | undecided | no_reason | names_him."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Scope:
    """What would go if it were asked for now."""

    email: str
    counts: dict[str, int]
    numbers: tuple[str, ...]
    unfinished: tuple[str, ...]
    undecided: int


def scope_of(email: str, *, by: Actor, lock: bool = False) -> Scope:
    """Raises `Refused`."""
    if not by.may(Perm.SET_UP):
        raise Refused("no_right")
    address = normal_form(email)
    if not address:
        raise Refused("bad_email")
    asked, wrote = words.asked_by(address, lock=lock), mail.written_by(address)
    if not asked.ids and not wrote.undecided and not wrote.refused:
        raise Refused("nothing")
    counts = {
        "tickets": len(asked.ids),
        "messages": asked.messages,
        "notes": asked.notes,
        "files": asked.files,
        "refused": wrote.refused,
    }
    return Scope(address, counts, asked.numbers, asked.unfinished, wrote.undecided)


def checked(scope: Scope, reason: str) -> str:
    """The reason as it will stand in the act. Raises `Refused`."""
    reason = " ".join(reason.split())[:MOST_REASON]
    if scope.unfinished:
        raise Refused("unfinished")
    if scope.undecided:
        raise Refused("undecided")
    if not reason:
        raise Refused("no_reason")
    if scope.email in reason.lower():
        raise Refused("names_him")
    return reason


def erase(email: str, *, reason: str, by: Actor, now: datetime) -> int:
    """The number of the act. Files go after the commit; what a crash leaves of them no row names. Raises `Refused`."""
    with transaction.atomic():
        scope = scope_of(email, by=by, lock=True)
        act = Destruction.objects.create(
            at=now,
            by=by.key,
            by_name=by.name,
            reason=checked(scope, reason),
            counts=scope.counts,
            tickets=list(scope.numbers),
        )
        ids = words.asked_by(scope.email).ids
        gone = words.erase_words(ids, act=act.pk, by=by.key, now=now)
        digests = gone.digests | mail.erase_mail(scope.email, ticket_ids=ids, raw_ids=gone.raw_ids)
        outbox.record(ActWritten(act=act.pk, counts=scope.counts), by=by.key, now=now)
    _take_away(digests, before=now)
    return act.pk


def _take_away(digests: Collection[str], *, before: datetime) -> None:
    with blobs.none_goes() as is_held:
        if is_held:  # else a sweep is at work, which finds them itself
            for digest in sorted(set(digests) - _named(digests)):
                blobs.take_away(digest, before=before)


def _named(digests: Collection[str]) -> set[str]:
    """Those that some row still names: every column called `digest` counts, whoever added it."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name == "digest" and isinstance(field, models.CharField):
                rows = model._default_manager.filter(digest__in=digests)
                found.update(rows.values_list("digest", flat=True))
    return found
