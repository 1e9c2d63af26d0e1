"""Erasing what somebody asked and wrote, and himself where he is on file, with an act of destruction."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from assurance.services import erasing as proofs
from channels_app import erasing as mail
from core.normal_forms import normal_form
from customers.services import erasing as people
from customers.services.erasing import OnFile
from events import outbox
from privacy import files
from privacy.event_types import ActWritten
from privacy.models import Destruction
from staff.actor import Actor
from staff.roles import Perm
from tickets.services import erasing as words

MOST_REASON = 300


class Refused(Exception):
    """`code`: no_right | bad_email | nothing | unfinished | kept | undecided | only_owner | administrative |
    no_reason | names_him."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Scope:
    """What would go if it were asked for now."""

    email: str
    counts: dict[str, int]
    on_file: OnFile
    numbers: tuple[str, ...]
    unfinished: tuple[str, ...]
    kept: tuple[str, ...]
    undecided: int


def scope_of(email: str, *, by: Actor, lock: bool = False) -> Scope:
    """Raises `Refused`."""
    if not by.may(Perm.SET_UP):
        raise Refused("no_right")
    address = normal_form(email)
    if not address:
        raise Refused("bad_email")
    on_file = people.at(address)
    asked = words.asked_by(on_file.emails, on_file.contact_ids, lock=lock)
    wrote = mail.written_by(on_file.emails)
    if not asked.ids and not on_file.contact_ids and not wrote.undecided and not wrote.refused:
        raise Refused("nothing")
    counts = {
        "contacts": len(on_file.contact_ids),
        "tickets": len(asked.ids),
        "messages": asked.messages,
        "notes": asked.notes,
        "files": asked.files,
        "refused": wrote.refused,
    }
    return Scope(address, counts, on_file, asked.numbers, asked.unfinished, asked.kept, wrote.undecided)


def stops(scope: Scope) -> list[str]:
    """Codes of what must be done first."""
    found = {
        "unfinished": scope.unfinished,
        "kept": scope.kept,
        "undecided": scope.undecided,
        "only_owner": scope.on_file.is_only_owner,
        "administrative": scope.on_file.is_administrative,
    }
    return [code for code, holds in found.items() if holds]


def checked(scope: Scope, reason: str) -> str:
    """The reason as it will stand in the act. Raises `Refused`."""
    reason = " ".join(reason.split())[:MOST_REASON]
    for code in stops(scope):
        raise Refused(code)
    if not reason:
        raise Refused("no_reason")
    if any(email in reason.lower() for email in scope.on_file.emails):
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
        on_file = scope.on_file
        ids = words.asked_by(on_file.emails, on_file.contact_ids).ids
        gone = words.erase_words(ids, act=act.pk, by=by.key, now=now)
        words.erase_calls(on_file.contact_ids, on_file.phones)
        digests = gone.digests | mail.erase_mail(on_file.emails, raw_ids=gone.raw_ids)
        proofs.erase_letters(on_file.emails)
        people.erase(on_file.contact_ids, on_file.emails, by=by.key, now=now)
        files.leave(digests, now=now)
        outbox.record(ActWritten(act=act.pk, counts=scope.counts), by=by.key, now=now)
    files.take_away()
    return act.pk
