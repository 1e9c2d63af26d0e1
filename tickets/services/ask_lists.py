"""Lists of what the desk asks customers for, as whoever sets it up words them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from customers.models.customer import ServiceKind
from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible
from tickets.enums import Kind
from tickets.event_types import AskListSetUp
from tickets.models import AskList
from tickets.policies.checklist import asked_in
from tickets.services import checklists
from tickets.services.fields import LONGEST_NAME, Unfit, clean, place_of
from tickets.services.refused import Refused

MOST_LISTS = 40  # in use: each is read with every page of a ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A list as its form says it; one language is enough, the other is asked in the same words then."""

    name_ru: str
    name_en: str
    lines_ru: str
    lines_en: str
    kinds: tuple[str, ...]
    service_kinds: tuple[str, ...]
    place: str


@transaction.atomic
def create(said: Definition, *, by: Actor, now: datetime) -> int:
    """Raises `Unfit` by input: name_ru, name_en, lines_ru, lines_en, kinds, service_kinds, place."""
    _require_set_up(by)
    made = AskList()
    _keep(made, said)
    _require_room()
    _record(made, "added", by=by, now=now)
    return made.pk


@transaction.atomic
def change(list_id: int, said: Definition, *, by: Actor, now: datetime) -> None:
    """What was asked before keeps its words. Raises `Unfit` as `create` does."""
    found = _locked(list_id, by)
    _keep(found, said)
    _record(found, "changed", by=by, now=now)


@transaction.atomic
def retire(list_id: int, *, by: Actor, now: datetime) -> None:
    found = _locked(list_id, by)
    if found.is_active:
        found.is_active = False
        found.save(update_fields=["is_active"])
        _record(found, "retired", by=by, now=now)


@transaction.atomic
def bring_back(list_id: int, *, by: Actor, now: datetime) -> None:
    found = _locked(list_id, by)
    if not found.is_active:
        found.is_active = True
        found.save(update_fields=["is_active"])
        _require_room()
        _record(found, "brought_back", by=by, now=now)


def _require_set_up(by: Actor) -> None:
    if not by.may(Perm.SET_UP):
        raise NotVisible("ask lists")


def _locked(list_id: int, by: Actor) -> AskList:
    _require_set_up(by)
    found = AskList.objects.select_for_update().filter(pk=list_id).first()
    if found is None:
        raise NotVisible(list_id)
    return found


def _require_room() -> None:
    if AskList.objects.filter(is_active=True).count() > MOST_LISTS:
        raise Unfit({"name_ru": "too_many_lists"})


def _keep(kept: AskList, said: Definition) -> None:
    errors = {}
    names = {"name_ru": clean(said.name_ru), "name_en": clean(said.name_en)}
    if not any(names.values()):
        errors["name_ru"] = "no_name"
    errors |= {name: "long_name" for name, words in names.items() if len(words) > LONGEST_NAME}
    lines = {"lines_ru": _lines(said.lines_ru), "lines_en": _lines(said.lines_en)}
    if not any(lines.values()):
        errors["lines_ru"] = "asks_nothing"
    for name, text in lines.items():
        try:
            checklists.read(text)
        except Refused as refused:
            errors[name] = refused.code
    if not set(said.kinds) <= set(Kind):
        errors["kinds"] = "no_such_kind"
    if not set(said.service_kinds) <= set(ServiceKind.values):
        errors["service_kinds"] = "no_such_kind"
    place = place_of(said.place)
    if place is None:
        errors["place"] = "odd_place"
    if errors or place is None:
        raise Unfit(errors)
    kept.name_ru, kept.name_en = names["name_ru"] or names["name_en"], names["name_en"] or names["name_ru"]
    kept.lines_ru, kept.lines_en = lines["lines_ru"] or lines["lines_en"], lines["lines_en"] or lines["lines_ru"]
    kept.kinds, kept.service_kinds, kept.place = sorted(set(said.kinds)), sorted(set(said.service_kinds)), place
    kept.save()


def _lines(text: str) -> str:
    return "\n".join(line for line in map(clean, text.splitlines()) if asked_in(line))


def _record(kept: AskList, what: str, *, by: Actor, now: datetime) -> None:
    event = AskListSetUp(list_id=kept.pk, name_ru=kept.name_ru, name_en=kept.name_en, what=what)
    outbox.record(event, by=by.key, now=now)
