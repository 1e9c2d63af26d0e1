"""The automatic texts in force: as administrators wrote them, else as their files have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import dateformat, translation

from core.clock import zone_of
from events import outbox
from staff.actor import Actor
from tickets.event_types import AutomaticTextChanged
from tickets.models import AutomaticText
from tickets.policies.texts import Placeholder, Problem, TextName, filled, normal, problem_of

_DUE = {"ru": "H:i d.m.Y", "en": "H:i, j F Y"}


@dataclass(frozen=True, slots=True)
class Texts:
    """What was changed, as it was when this was read."""

    changed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def source(self, name: TextName, language: str) -> str:
        language = spoken(language)
        return self.changed.get((name, language)) or default(name, language)

    def say(
        self,
        name: TextName,
        language: str,
        *,
        number: str = "",
        numbers: str = "",
        subject: str = "",
        due: datetime | None = None,
        asks: bool = False,
    ) -> str:
        """The text of a letter. `asks`: for what could not be found out, in words of their own."""
        due = due.astimezone(ZoneInfo(settings.TIME_ZONE)) if due else None
        values = {
            Placeholder.NUMBER: number,
            Placeholder.NUMBERS: numbers,
            Placeholder.SUBJECT: " ".join(subject.split()),
            Placeholder.DUE: _moment(due, spoken(language)) if due else "",
            Placeholder.ZONE: zone_of(due, spoken(language)) if due else settings.TIME_ZONE,
            Placeholder.ASK: self.source(TextName.ASK, language).strip() if asks else "",
        }
        return filled(self.source(name, language), values)


def in_force() -> Texts:
    """One query."""
    rows = AutomaticText.objects.values_list("name", "language", "text")
    return Texts({(name, language): text for name, language, text in rows})


@cache
def default(name: TextName, language: str) -> str:
    path = Path(settings.BASE_DIR) / "templates" / "email" / f"{name}.{language}.txt"
    return normal(path.read_text(encoding="utf-8"))


def spoken(language: str) -> str:
    return "ru" if language == "ru" else "en"


@transaction.atomic
def change(name: TextName, language: str, text: str, *, by: Actor, now: datetime) -> Problem | None:
    """The next letter says it so. The words of the default are the default again."""
    if problem := problem_of(name, text):
        return problem
    text = normal(text)
    if text == default(name, language):
        back_to_default(name, language, by=by, now=now)
    elif text != in_force().source(name, language):
        AutomaticText.objects.update_or_create(name=name, language=language, defaults={"text": text})
        outbox.record(AutomaticTextChanged(name=name, language=language, text=text), by=by.key, now=now)
    return None


@transaction.atomic
def back_to_default(name: TextName, language: str, *, by: Actor, now: datetime) -> bool:
    """False if it was never changed."""
    deleted, _ = AutomaticText.objects.filter(name=name, language=language).delete()
    if deleted:
        outbox.record(AutomaticTextChanged(name=name, language=language), by=by.key, now=now)
    return bool(deleted)


def _moment(at: datetime, language: str) -> str:
    with translation.override(language):
        return dateformat.format(at, _DUE[language])
