"""The desk's own fields on the page of a ticket."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import formats

from tickets.enums import FieldKind
from tickets.policies.fields import Field, missing
from tickets.queries import TicketPage
from web.desk import words
from web.shared.words import own_name


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """The form that came back, by id of the field: what was typed and why it was not kept."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldRow:
    key: str
    label: str
    kind: str
    kept: str  # as it is stored
    typed: str  # as its input shows it
    says: str  # as it is read
    is_required: bool
    is_missing: bool
    may_fill: bool
    choices: tuple[tuple[str, str], ...]
    error: str = ""


def says(field: Field, value: str) -> str:
    """A kept value as people read it."""
    if not value:
        return ""
    match field.kind:
        case FieldKind.CHOICE:
            return next((own_name(choice) for choice in field.choices if choice.id == value), value)
        case FieldKind.YES_NO:
            return words.word(words.YES_NO, value)
        case FieldKind.DATE:
            return f"{date.fromisoformat(value):%d.%m.%Y}"
        case FieldKind.NUMBER:
            return str(formats.number_format(Decimal(value), use_l10n=True, force_grouping=True))
        case FieldKind.TEXT:
            return value


def rows(page: TicketPage, refused: FieldRefusal | None) -> tuple[FieldRow, ...]:
    """Those asked in the ticket's queue, and any other that was filled in before."""
    values = dict(page.field_values)
    lacking = missing(page.fields, values, page.queue_slug)
    shown = []
    for field in page.fields:
        key, is_asked = str(field.id), field.is_asked_in(page.queue_slug)
        value = values.get(key, "")
        if not (is_asked or value):
            continue
        shown_first = says(field, value) if field.kind is FieldKind.DATE else value
        shown.append(
            FieldRow(
                key=key,
                label=own_name(field),
                kind=field.kind.value,
                kept=value,
                typed=refused.typed.get(key, shown_first) if refused else shown_first,
                says=says(field, value),
                is_required=field.is_required,
                is_missing=field in lacking,
                may_fill=is_asked and page.can_work,
                choices=_choices(field, value),
                error=refused.errors.get(key, "") if refused else "",
            )
        )
    return tuple(shown)


def _choices(field: Field, value: str) -> tuple[tuple[str, str], ...]:
    """What its list offers; one that is withheld stays where it was chosen."""
    if field.kind is FieldKind.YES_NO:
        return tuple((code, str(word)) for code, word in words.YES_NO.items())
    return tuple((choice.id, own_name(choice)) for choice in field.choices if choice.is_offered or choice.id == value)


def filters(fields: Iterable[Field]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Each with its values as the filter of a list offers them; what is offered no more can still be looked for."""
    return tuple(
        (
            own_name(field),
            tuple((f"{field.id}:{code}", str(word)) for code, word in words.YES_NO.items())
            if field.kind is FieldKind.YES_NO
            else tuple((f"{field.id}:{choice.id}", own_name(choice)) for choice in field.choices),
        )
        for field in fields
    )
