"""The desk's own fields of tickets: whoever sets the desk up makes them, whoever works a ticket fills them in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_to_work
from tickets.enums import FieldKind
from tickets.event_types import FieldFilled, FieldSetUp
from tickets.models import CustomField, Queue, Ticket
from tickets.policies.fields import Choice, read
from tickets.queries.fields import fields
from tickets.services.intake import touch

LONGEST_NAME = 60
MOST_FIELDS = 40  # in use: each is read with every page of a ticket
MOST_CHOICES = 100
PLACES = range(1000)


class Unfit(Exception):
    """What was typed does not fit: name of the input, or id of the field -> code of the reason. Nothing was kept."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A field as its form says it. `queues` are slugs; a choice without id is new, one without a name is no choice."""

    name_ru: str
    name_en: str
    kind: str
    is_required: bool
    queues: tuple[str, ...]
    choices: tuple[Choice, ...]
    place: str


@transaction.atomic
def create(said: Definition, *, by: Actor, now: datetime) -> int:
    """Raises `Unfit` by input: name_ru, kind, queues, choices, place."""
    _require_set_up(by)
    field = CustomField(kind=said.kind)
    _keep(field, said)
    _require_room()
    _record(field, "added", by=by, now=now)
    return field.pk


@transaction.atomic
def change(field_id: int, said: Definition, *, by: Actor, now: datetime) -> None:
    """All but its kind: what was filled in could not be read any more. Raises `Unfit` as `create` does."""
    field = _locked(field_id, by)
    _keep(field, said)
    _record(field, "changed", by=by, now=now)


@transaction.atomic
def retire(field_id: int, *, by: Actor, now: datetime) -> None:
    field = _locked(field_id, by)
    if field.is_active:
        field.is_active = False
        field.save(update_fields=["is_active"])
        _record(field, "retired", by=by, now=now)


@transaction.atomic
def bring_back(field_id: int, *, by: Actor, now: datetime) -> None:
    field = _locked(field_id, by)
    if not field.is_active:
        field.is_active = True
        field.save(update_fields=["is_active"])
        _require_room()
        _record(field, "brought_back", by=by, now=now)


@transaction.atomic
def fill(ticket_number: str, typed: Mapping[str, str], *, shown: Mapping[str, str], by: Actor, now: datetime) -> Ticket:
    """Keeps what was typed, by id of the field, where it differs from what the page had shown.

    Raises `Unfit` by id of the field, also where somebody else filled it in meanwhile.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    values, errors, happened = dict(ticket.field_values), {}, []
    for field in fields():
        key = str(field.id)
        if key not in typed or typed[key].strip() == shown.get(key, "") or not field.is_asked_in(ticket.queue.slug):
            continue
        answer, before = read(field, typed[key]), values.get(key, "")
        if answer.refusal:
            errors[key] = answer.refusal
        elif answer.value in (before, shown.get(key, "")):
            continue
        elif before != shown.get(key, ""):
            errors[key] = "filled_meanwhile"
        else:
            values[key] = answer.value
            happened.append(FieldFilled(ticket_id=ticket.pk, field_id=field.id, before=before, after=answer.value))
    if errors:
        raise Unfit(errors)
    if happened:
        ticket.field_values = {key: value for key, value in values.items() if value}
        touch(ticket, now=now)
        outbox.record(*happened, by=by.key, now=now)
    return ticket


def _require_set_up(by: Actor) -> None:
    if not by.may(Perm.SET_UP):
        raise NotVisible("fields")


def _locked(field_id: int, by: Actor) -> CustomField:
    _require_set_up(by)
    field = CustomField.objects.select_for_update().filter(pk=field_id).first()
    if field is None:
        raise NotVisible(field_id)
    return field


def _require_room() -> None:
    if CustomField.objects.filter(is_active=True).count() > MOST_FIELDS:
        raise Unfit({"name_ru": "too_many_fields"})


def _keep(field: CustomField, said: Definition) -> None:
    errors = {} if field.kind in set(FieldKind) else {"kind": "no_such_kind"}
    ru, en = (clean(name) for name in (said.name_ru, said.name_en))
    if not (ru or en):
        errors["name_ru"] = "no_name"
    elif max(len(ru), len(en)) > LONGEST_NAME:
        errors["name_ru" if len(ru) > LONGEST_NAME else "name_en"] = "long_name"
    queues = list(Queue.objects.filter(slug__in=said.queues).order_by("id").values_list("slug", flat=True))
    if len(queues) != len(set(said.queues)):
        errors["queues"] = "no_queue"
    place = place_of(said.place)
    if place is None:
        errors["place"] = "odd_place"
    choices: Sequence[Choice] = ()
    if field.kind == FieldKind.CHOICE:
        choices, refusal = _choices(field, said.choices)
        if refusal:
            errors["choices"] = refusal
    if errors or place is None:
        raise Unfit(errors)
    field.name_ru, field.name_en = ru or en, en or ru
    field.is_required, field.queues, field.place = said.is_required, queues, place
    field.choices = [asdict(choice) for choice in choices]
    field.save()


def _choices(field: CustomField, said: Sequence[Choice]) -> tuple[list[Choice], str]:
    """Those of the form with ids for the new ones; one that was there can be renamed and withheld, never deleted."""
    known = [str(choice["id"]) for choice in field.choices]
    newest = max(map(int, known), default=0)
    kept = []
    for choice in said:
        ru, en = clean(choice.name_ru), clean(choice.name_en)
        if choice.id not in known:
            if not (ru or en):
                continue
            newest += 1
        elif not (ru or en):
            return [], "nameless_choice"
        if max(len(ru), len(en)) > LONGEST_NAME:
            return [], "long_choice"
        is_known = choice.id in known
        kept.append(Choice(choice.id if is_known else str(newest), ru or en, en or ru, choice.is_offered))
    if set(known) - {choice.id for choice in kept}:
        return [], "nameless_choice"
    if not any(choice.is_offered for choice in kept):
        return [], "no_choices"
    if len(kept) > MOST_CHOICES:
        return [], "too_many_choices"
    offered = [choice for choice in kept if choice.is_offered]
    for names in ([c.name_ru.casefold() for c in offered], [c.name_en.casefold() for c in offered]):
        if len(set(names)) < len(names):
            return [], "choice_twice"
    return kept, ""


def place_of(typed: str) -> int | None:
    """In the order of a list; None is no place."""
    place = typed.strip() or "0"
    return int(place) if place.isdecimal() and len(place) < 5 and int(place) in PLACES else None


def clean(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())


def _record(field: CustomField, what: str, *, by: Actor, now: datetime) -> None:
    event = FieldSetUp(field_id=field.pk, name_ru=field.name_ru, name_en=field.name_en, what=what)
    outbox.record(event, by=by.key, now=now)
