"""Fields of the desk's own on tickets: what fits into one, and which a ticket still lacks.

A value is kept as text in one form of writing, the empty text is none: a number as `1234.5`, a date as `2026-11-25`,
a choice as its id, yes and no as `yes` and `no`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.dates import day_in
from tickets.enums import FieldKind

LONGEST_TEXT = 500
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    name_ru: str
    name_en: str
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """`queues` are slugs; none means all."""

    id: int
    name_ru: str
    name_en: str
    kind: FieldKind
    is_required: bool = False  # before a ticket is resolved
    queues: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    place: int = 0
    is_active: bool = True

    def is_asked_in(self, queue: str) -> bool:
        return self.is_active and (not self.queues or queue in self.queues)


@dataclass(frozen=True, slots=True)
class Answer:
    """A value to keep, or the reason why there is none."""

    value: str = ""
    refusal: str = ""


def read(field: Field, typed: str) -> Answer:
    """What somebody typed, as it is kept. Refusals: long_text, odd_number, odd_date, no_such_choice, odd_answer."""
    typed = " ".join(typed.replace("\x00", "").split())
    if not typed:
        return Answer()
    match field.kind:
        case FieldKind.TEXT:
            return Answer(typed) if len(typed) <= LONGEST_TEXT else Answer(refusal="long_text")
        case FieldKind.NUMBER:
            return _number(typed)
        case FieldKind.DATE:
            return _date(typed)
        case FieldKind.CHOICE:
            offered = {choice.id for choice in field.choices if choice.is_offered}
            return Answer(typed) if typed in offered else Answer(refusal="no_such_choice")
        case FieldKind.YES_NO:
            return Answer(typed) if typed in {"yes", "no"} else Answer(refusal="odd_answer")


def missing(fields: Iterable[Field], values: Mapping[str, str], queue: str) -> tuple[Field, ...]:
    """Those that have to be filled in before the ticket is resolved, and are not."""
    return tuple(f for f in fields if f.is_required and f.is_asked_in(queue) and not values.get(str(f.id)))


def _number(typed: str) -> Answer:
    written = typed.replace(" ", "").replace(",", ".").replace("\u2212", "-")
    if not written.isascii() or not _NUMBER.fullmatch(written):
        return Answer(refusal="odd_number")
    whole, _, part = written.lstrip("+-").partition(".")
    number = ".".join(filter(None, (whole.lstrip("0") or "0", part.rstrip("0"))))
    return Answer("-" + number if written.startswith("-") and number != "0" else number)


def _date(typed: str) -> Answer:
    day = day_in(typed)
    return Answer(day.isoformat()) if day else Answer(refusal="odd_date")
