"""Erasing what somebody asked and wrote, and himself where he is on file, with an act of destruction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from assurance.policies.critical import OPEN
from assurance.services import erasing as proofs
from channels_app import erasing as mail
from core.named import Named
from customers.services import erasing as people
from customers.services import importing
from customers.services.erasing import OnFile
from events import outbox
from privacy import files
from privacy.event_types import ActWritten
from privacy.models import Destruction
from staff.actor import Actor
from staff.roles import Perm
from tickets.services import erasing as words
from tickets.services import redacting

MOST_REASON = 300

# What rooms above this one keep about people; each forgets it in the same transaction (helpdesk/subscriptions.py).
ALSO: list[Callable[[Named], None]] = []


class Refused(Exception):
    """`code`: no_right | bad_email | nothing | unfinished | kept | open_action | importing | undecided | only_owner |
    administrative | no_reason | names_him."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Scope:
    """What would go if it were asked for now."""

    asked_for: str  # as it was typed
    counts: dict[str, int]
    on_file: OnFile
    named: Named  # with all names he goes by
    ticket_ids: tuple[int, ...]
    elsewhere_ids: tuple[int, ...]  # tickets of others
    run_ids: frozenset[int]
    numbers: tuple[str, ...]
    unfinished: tuple[str, ...]
    kept: tuple[str, ...]
    stops: tuple[str, ...]  # codes of what must be done first


def scope_of(asked_for: str, *, by: Actor, lock: bool = False) -> Scope:
    """By an address, a telephone number or a login. Raises `Refused`."""
    if not by.may(Perm.SET_UP):
        raise Refused("no_right")
    on_file = people.at(asked_for)
    if on_file is None:
        raise Refused("bad_email")
    emails = on_file.named.emails
    asked = words.asked_by(on_file.named, on_file.contact_ids, lock=lock)
    elsewhere = redacting.took_part(on_file.named, but=asked.ids, lock=lock)
    wrote = mail.written_by(emails)
    calls = words.calls_of(on_file.contact_ids, on_file.named.phones).count()
    if not any((asked.ids, on_file.contact_ids, elsewhere.ids, calls, wrote.undecided, wrote.refused)):
        raise Refused("nothing")
    named = on_file.named.with_names(*redacting.names_in(emails, [*asked.ids, *elsewhere.ids]))
    actions = proofs.actions_naming(named.pattern, asked.ids, on_file.account_ids)
    run_ids, is_importing = importing.about(named.pattern)
    kept = (*asked.kept, *elsewhere.kept)
    stops = {
        "unfinished": asked.unfinished,
        "kept": kept,
        "open_action": actions.filter(state__in=OPEN).exists(),
        "importing": is_importing,
        "undecided": wrote.undecided,
        "only_owner": on_file.is_only_owner,
        "administrative": on_file.is_administrative,
    }
    counts = {
        "contacts": len(on_file.contact_ids),
        "tickets": len(asked.ids),
        "messages": asked.messages,
        "notes": asked.notes,
        "files": asked.files,
        "elsewhere": len(elsewhere.ids),
        "written_there": elsewhere.messages,
        "calls": calls,
        "actions": actions.count(),
        "imports": len(run_ids),
        "refused": wrote.refused,
    }
    return Scope(
        asked_for=asked_for.strip(),
        counts=counts,
        on_file=on_file,
        named=named,
        ticket_ids=asked.ids,
        elsewhere_ids=elsewhere.ids,
        run_ids=run_ids,
        numbers=asked.numbers,
        unfinished=asked.unfinished,
        kept=kept,
        stops=tuple(code for code, holds in stops.items() if holds),
    )


def checked(scope: Scope, reason: str) -> str:
    """The reason as it will stand in the act. Raises `Refused`."""
    reason = " ".join(reason.split())[:MOST_REASON]
    for code in scope.stops:
        raise Refused(code)
    if not reason:
        raise Refused("no_reason")
    names = {scope.asked_for, *scope.named.emails, *scope.named.phones, *scope.named.names} - {""}
    if any(name.lower() in reason.lower() for name in names):
        raise Refused("names_him")
    return reason


def erase(asked_for: str, *, reason: str, by: Actor, now: datetime) -> int:
    """The number of the act. Files go after the commit. Raises `Refused`."""
    with transaction.atomic():
        scope = scope_of(asked_for, by=by, lock=True)
        act = Destruction.objects.create(
            at=now,
            by=by.key,
            by_name=by.name,
            reason=checked(scope, reason),
            counts=scope.counts,
            tickets=list(scope.numbers),
        )
        on_file, named = scope.on_file, scope.named
        proofs.erase_actions(proofs.actions_naming(named.pattern, scope.ticket_ids, on_file.account_ids))
        gone = words.erase_words(scope.ticket_ids, act=act.pk, by=by.key, now=now)
        words.erase_calls(on_file.contact_ids, named.phones, now=now)
        there = redacting.redact(scope.elsewhere_ids, named, act=act.pk, by=by.key, now=now)
        redacting.forget_lists(named)
        proofs.redact_views([*scope.ticket_ids, *scope.elsewhere_ids], named)
        digests = gone.digests | there.digests
        digests |= mail.erase_mail(named.emails, raw_ids=gone.raw_ids | there.raw_ids)
        digests |= importing.forget(scope.run_ids, now=now)
        proofs.erase_letters(named.emails)
        people.erase(on_file, by=by.key, now=now)
        for forget_about in ALSO:
            forget_about(named)
        files.leave(digests, now=now)
        outbox.record(ActWritten(act=act.pk, counts=scope.counts), by=by.key, now=now)
    files.take_away()
    return act.pk
