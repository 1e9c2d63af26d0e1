"""What administrators may change of a line of the catalogue: more than built in, never less. Pure."""

import re
from dataclasses import dataclass

from assurance.policies.critical import CATALOGUE
from core.trust import Level

MOST_HOLD_HOURS = 720
MOST_NAME = 120
MOST_WORDS = 500
ALWAYS_KNOWN = frozenset({"account", "number", "subject", "requester"})
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class TypedKind:
    name_ru: str
    name_en: str
    words_ru: str
    words_en: str
    level: int
    hold_hours: int
    needs_second_person: bool
    is_active: bool


def errors(code: str, typed: TypedKind) -> dict[str, str]:
    """Field -> reason code; empty is fine."""
    built_in, found = CATALOGUE[code], {}
    for name in ("name_ru", "name_en"):
        if not 0 < len(getattr(typed, name).strip()) <= MOST_NAME:
            found[name] = "no_name"
    for name in ("words_ru", "words_en"):
        words = getattr(typed, name)
        places = set(_PLACE.findall(words))
        if not 0 < len(words.strip()) <= MOST_WORDS:
            found[name] = "no_words"
        elif places - ALWAYS_KNOWN - set(built_in.parameters):
            found[name] = "unknown_place"
        elif (set(built_in.parameters) - {"document"}) - places:
            found[name] = "missing_place"
    if not int(built_in.level) <= typed.level <= int(Level.STRONGLY_AUTHORISED):
        found["level"] = "below_minimum"
    if not built_in.hold.total_seconds() / 3600 <= typed.hold_hours <= MOST_HOLD_HOURS:
        found["hold_hours"] = "below_minimum" if typed.hold_hours <= MOST_HOLD_HOURS else "too_long"
    if built_in.needs_second_person and not typed.needs_second_person:
        found["needs_second_person"] = "below_minimum"
    return found
