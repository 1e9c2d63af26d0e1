"""The catalogue of critical actions, kept by administrators within its bounds."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from assurance.event_types import ActionKindSetUp
from assurance.models import ActionKind
from assurance.policies import catalogue as rules
from assurance.policies.catalogue import TypedKind
from assurance.policies.critical import CATALOGUE, IDENTITY
from events import outbox
from staff.actor import Actor
from staff.roles import Perm


class Refused(Exception):
    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors  # field -> reason code


def lines() -> list[ActionKind]:
    """In the order in which they were made. One query."""
    return [kind for kind in ActionKind.objects.order_by("id") if kind.code in CATALOGUE]


def line(code: str) -> ActionKind | None:
    return ActionKind.objects.filter(code=code).first() if code in CATALOGUE else None


@transaction.atomic
def change(code: str, typed: TypedKind, *, by: Actor, now: datetime) -> None:
    """Actions asked for already keep what they were asked under. Raises `Refused`."""
    if not by.may(Perm.SET_UP):
        raise Refused({"code": "no_right"})
    found = rules.errors(code, typed)
    if code == IDENTITY and not typed.is_active:
        found["is_active"] = "always_in_use"
    if found:
        raise Refused(found)
    kind = ActionKind.objects.select_for_update().get(code=code)
    for name, value in asdict(typed).items():
        setattr(kind, name, value.strip() if isinstance(value, str) else value)
    kind.save()
    told = ActionKindSetUp(
        code=code,
        level=kind.level,
        hold_hours=kind.hold_hours,
        needs_second_person=kind.needs_second_person,
        is_active=kind.is_active,
        words_ru=kind.words_ru,
        words_en=kind.words_en,
    )
    outbox.record(told, by=by.key, now=now)
