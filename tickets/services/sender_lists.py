"""The lists of blocked and allowed senders: kept by leads, applied to every letter that comes in."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from core.normal_forms import normal_domain, normal_form
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible
from tickets.enums import SenderList
from tickets.models import SenderRule
from tickets.services.refused import Refused

_DOMAIN = re.compile(r"(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@(.+)")
MOST_DAYS = 3650


def add(which: SenderList, written: str, *, reason: str, days: int | None, by: Actor, now: datetime) -> SenderRule:
    """Puts an address or a domain on a list; one that stands on a list moves. `days` None: until it is removed.

    Raises `Refused`: "not_a_sender", "our_own_domain", "odd_days".
    """
    _require(by)
    if days is not None and not 0 < days <= MOST_DAYS:
        raise Refused("odd_days")
    return put(which, written, reason=reason, days=days, by=by, now=now)


@transaction.atomic
def put(which: SenderList, written: str, *, reason: str, days: int | None, by: Actor, now: datetime) -> SenderRule:
    """The same for who has the right by something else: blocking the sender of a ticket in hand."""
    value = normal(written)
    if value.rpartition("@")[2] in settings.STAFF_DOMAINS:
        raise Refused("our_own_domain")
    SenderRule.objects.filter(value=value, removed_at=None).update(removed_at=now)
    if by.staff_id is None:
        raise NotVisible("lists")
    return SenderRule.objects.create(
        list=which.value,
        value=value,
        reason=reason.strip()[:200],
        staff_id=by.staff_id,
        made_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )


def remove(rule_id: int, *, by: Actor, now: datetime) -> None:
    _require(by)
    if not SenderRule.objects.filter(pk=rule_id, removed_at=None).update(removed_at=now):
        raise Refused("already_decided")


@transaction.atomic
def put_back(rule_id: int, *, by: Actor) -> None:
    """Undoes a removal, unless the sender stands on a list again."""
    _require(by)
    rule = SenderRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None or SenderRule.objects.filter(value=rule.value, removed_at=None).exists():
        raise Refused("already_decided")
    rule.removed_at = None
    rule.save(update_fields=["removed_at"])


def normal(written: str) -> str:
    """`Ivan@Пример.РФ` and `@пример.рф` in the form senders are stored in."""
    value = written.strip().strip("<>").lower()
    address = _ADDRESS.fullmatch(value)
    domain = normal_domain(address[1] if address else value.removeprefix("@"))
    if not _DOMAIN.fullmatch(domain):
        raise Refused("not_a_sender")
    return normal_form(value) if address else domain


def matching(senders: Iterable[str], *, now: datetime) -> dict[str, SenderRule]:
    """The rule that decides for each of these addresses, the closest one. One query."""
    wanted = {sender: _written_as(sender) for sender in senders}
    standing = SenderRule.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), removed_at=None)
    rules = {rule.value: rule for rule in standing.filter(value__in=[v for values in wanted.values() for v in values])}
    found = {sender: next((rules[v] for v in values if v in rules), None) for sender, values in wanted.items()}
    return {sender: rule for sender, rule in found.items() if rule is not None}


def _written_as(sender: str) -> list[str]:
    """The address, its domain and what that lies in, the closest first."""
    labels = sender.rpartition("@")[2].split(".")
    return [sender, *(".".join(labels[place:]) for place in range(max(len(labels) - 1, 1)))]


def count(rule_ids: Iterable[int]) -> None:
    for rule_id in sorted(rule_ids):
        SenderRule.objects.filter(pk=rule_id).update(hits=F("hits") + 1)


def _require(by: Actor) -> None:
    if not by.may(Perm.KEEP_SENDER_LISTS):
        raise NotVisible("lists")
