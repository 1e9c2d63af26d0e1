"""How long what is kept: one rule for each kind, and the work that destroys what is past it.

Which kinds there are stands in helpdesk/subscriptions.py. Each batch is one transaction with its entry in the act of
the day; what is gone is found no more, so that a batch that broke off is simply done again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from events import outbox
from privacy import files
from privacy.event_types import ActWritten, RetentionSet
from privacy.models import Destruction, RetentionRule
from staff.actor import SYSTEM, Actor
from staff.roles import Perm

MOST_DAYS = 3650
RESTS = timedelta(days=1)  # what a rule was set to by mistake can be put right
COUNTED = 1000  # what waits is counted no further
_ROWS_AT_ONCE = 1000
_MOST_IN_AN_ACT = 1000  # tickets
_BATCHES = 40  # of one kind in one run
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('retention ' || %s))"

Old = Callable[[datetime], QuerySet]  # what is older than that moment, along an index


@dataclass(frozen=True, slots=True)
class Gone:
    counts: Mapping[str, int]
    digests: Collection[str] = ()  # of files that were named
    numbers: tuple[str, ...] = ()  # of tickets


@dataclass(frozen=True, slots=True)
class Kind:
    """`destroy` takes a batch of what is older than `before` under the act of that number."""

    code: str
    days: int | None  # unless somebody set it; None: for ever
    least: int
    may_stay: bool  # for ever
    waiting: Callable[[datetime], int]  # counted to COUNTED + 1
    destroy: Callable[..., Gone]


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind with its rule. `waiting`: how much would go at once, counted to COUNTED + 1."""

    kind: Kind
    days: int | None
    by_name: str = ""
    set_at: datetime | None = None
    in_force_at: datetime | None = None  # None: it is
    waiting: int = 0


KINDS: dict[str, Kind] = {}


class Refused(Exception):
    """`errors`: codes by kind: no_number | too_short | too_long | not_for_ever."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def add_kind(kind: Kind) -> None:
    KINDS[kind.code] = kind


def rows(code: str, *old: Old, days: int, least: int = 1, may_stay: bool = False) -> Kind:
    """A kind whose rows are deleted, with the files they name in a column called `digest`."""

    def waiting(before: datetime) -> int:
        return sum(each(before)[: COUNTED + 1].count() for each in old)

    def destroy(before: datetime, *, act: int, now: datetime) -> Gone:
        count, digests = 0, set()
        for each in old:
            found = each(before)
            ids = list(found.values_list("pk", flat=True)[:_ROWS_AT_ONCE])
            gone = found.model._default_manager.filter(pk__in=ids)
            if any(field.name == "digest" for field in found.model._meta.concrete_fields):
                digests.update(gone.values_list("digest", flat=True))
            count += len(ids)
            gone.delete()
        return Gone({code: count}, digests)

    return Kind(code, days, least, may_stay, waiting, destroy)


def rules() -> dict[str, RetentionRule]:
    return {rule.kind: rule for rule in RetentionRule.objects.all()}


def kept(now: datetime, *, days: Mapping[str, int | None] | None = None) -> list[Kept]:
    """All kinds as they are, or as they would be with these days. A bounded count for each."""
    known = rules()
    found = []
    for kind in KINDS.values():
        rule = known.get(kind.code)
        stay = days[kind.code] if days else rule.days if rule else kind.days
        waiting = kind.waiting(now - timedelta(days=stay)) if stay is not None else 0
        rests = rule.set_at + RESTS if rule and rule.set_at + RESTS > now else None
        found.append(Kept(kind, stay, rule.by_name if rule else "", rule.set_at if rule else None, rests, waiting))
    return found


def read(typed: Mapping[str, str]) -> dict[str, int | None]:
    """Days by kind; an empty field is for ever. Raises `Refused`."""
    found: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for code, kind in KINDS.items():
        words = typed.get(code, "").strip()
        days = int(words) if words.isascii() and words.isdigit() and len(words) <= 6 else None
        if not words:
            if not kind.may_stay:
                errors[code] = "not_for_ever"
        elif days is None:
            errors[code] = "no_number"
        elif days < kind.least:
            errors[code] = "too_short"
        elif days > MOST_DAYS:
            errors[code] = "too_long"
        found[code] = days
    if errors:
        raise Refused(errors)
    return found


@transaction.atomic
def set_rules(days: Mapping[str, int | None], *, by: Actor, now: datetime) -> int:
    """How many were changed. Each rests for a day before anything goes by it. Raises PermissionError."""
    if not by.may(Perm.SET_UP):
        raise PermissionError("rules of retention are for those who set the desk up")
    known = {rule.kind: rule for rule in RetentionRule.objects.select_for_update().order_by("kind")}
    changed = []
    for code, after in days.items():
        rule = known.get(code)
        before = rule.days if rule else KINDS[code].days
        if before == after:
            continue
        values = {"days": after, "by": by.key, "by_name": by.name, "set_at": now}
        RetentionRule.objects.update_or_create(kind=code, defaults=values)
        changed.append(RetentionSet(kind=code, before=before, after=after))
    outbox.record(*changed, by=by.key, now=now)
    return len(changed)


def destroy_old(now: datetime) -> None:
    """The work itself, some batches of each kind. A kind nobody set a rule for has the program's from here on."""
    known = rules()
    for code, kind in KINDS.items():
        if code not in known:
            values = {"days": kind.days, "by": SYSTEM.key, "set_at": now}
            RetentionRule.objects.get_or_create(kind=code, defaults=values)
        elif known[code].days is not None and known[code].set_at + RESTS <= now:
            _some_batches(kind, now=now)
    files.take_away()


def _some_batches(kind: Kind, *, now: datetime) -> None:
    for _ in range(_BATCHES):
        if not _batch(kind, now=now):
            return


@transaction.atomic
def _batch(kind: Kind, *, now: datetime) -> bool:
    """False: nothing is left of it."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [kind.code])
    rule = RetentionRule.objects.get(kind=kind.code)
    if rule.days is None or rule.set_at + RESTS > now:
        return False  # it was changed this very moment
    before = now - timedelta(days=rule.days)
    if not kind.waiting(before):
        return False
    act = _act_of_today(rule, now=now)
    gone = kind.destroy(before, act=act.pk, now=now)
    if not any(gone.counts.values()):  # all of it is being worked on
        transaction.set_rollback(True)
        return False
    act.counts = {code: act.counts.get(code, 0) + gone.counts.get(code, 0) for code in {**act.counts, **gone.counts}}
    act.tickets = [*act.tickets, *gone.numbers]
    act.save(update_fields=["counts", "tickets"])
    files.leave(gone.digests, now=now)
    outbox.record(ActWritten(act=act.pk, counts=dict(gone.counts)), by=SYSTEM.key, now=now)
    return True


def _act_of_today(rule: RetentionRule, *, now: datetime) -> Destruction:
    midnight = timezone.localtime(now, timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    same = {"basis": rule.kind, "days": rule.days, "by_name": rule.by_name}
    last = Destruction.objects.filter(**same, at__gte=midnight, at__lte=now).order_by("-pk").first()
    if last is not None and len(last.tickets) < _MOST_IN_AN_ACT:
        return last
    return Destruction.objects.create(**same, at=now, by=SYSTEM.key, reason="", counts={}, tickets=[])
