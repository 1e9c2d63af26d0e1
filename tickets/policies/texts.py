"""The automatic texts: which there are, what may be filled in where, and the filling in. Pure.

A placeholder is `{name}`, from a closed list and nothing else: no expressions, no template language. A line in which
a placeholder has nothing to say is left out. What is filled in is never read as a text itself.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 5000
LANGUAGES = ("ru", "en")
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


class Placeholder(StrEnum):
    NUMBER = "number"
    NUMBERS = "numbers"
    SUBJECT = "subject"
    DUE = "due"
    ZONE = "zone"
    ASK = "ask"


SENDERS_WORDS = frozenset({Placeholder.SUBJECT})


class TextName(StrEnum):
    AUTO_REPLY = "auto_reply"
    AUTO_REPLY_PROVEN = "auto_reply_proven"
    AUTO_REPLY_OTHER = "auto_reply_other"
    SUMMARY = "summary"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Rule:
    """`needed` must be in the text, alone in its line or beside `always`: else the line that has it may be left out."""

    needed: frozenset[Placeholder] = frozenset()
    always: frozenset[Placeholder] = frozenset()  # never empty
    maybe: frozenset[Placeholder] = frozenset()  # empty at times
    is_for_anybody: bool = True  # also for a sender of whom nothing is proven

    @property
    def allowed(self) -> frozenset[Placeholder]:
        return self.always | self.maybe


_NUMBER = frozenset({Placeholder.NUMBER})
_DUE_AND_ASK = frozenset({Placeholder.DUE, Placeholder.ASK})

# Who has proven nothing gets nothing of his own words back: a stranger could make us write them to anybody.
RULES: dict[TextName, Rule] = {
    TextName.AUTO_REPLY: Rule(_NUMBER, _NUMBER | {Placeholder.ZONE}, _DUE_AND_ASK),
    TextName.AUTO_REPLY_PROVEN: Rule(
        _NUMBER, _NUMBER | {Placeholder.ZONE, Placeholder.SUBJECT}, _DUE_AND_ASK, is_for_anybody=False
    ),
    TextName.AUTO_REPLY_OTHER: Rule(_NUMBER, _NUMBER),
    TextName.SUMMARY: Rule(frozenset({Placeholder.NUMBERS}), frozenset({Placeholder.NUMBERS})),
    TextName.ASK: Rule(),
}


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    what: str = ""  # the placeholder it is about


def problem_of(name: TextName, text: str) -> Problem | None:
    """Why a text cannot be used; None if it can."""
    rule, text = RULES[name], normal(text)
    if not text:
        return Problem("required")
    if len(text) > LONGEST:
        return Problem("too_long")
    if any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in text):
        return Problem("control_characters")
    for found in _PLACEHOLDER.findall(text):
        if found not in rule.allowed:
            known = found in set(Placeholder)
            return Problem("placeholder_not_here" if known else "placeholder_unknown", found)
    if any(brace in _PLACEHOLDER.sub("", text) for brace in "{}"):
        return Problem("stray_brace")
    lines = [set(_PLACEHOLDER.findall(line)) for line in text.split("\n")]
    for needed in sorted(rule.needed):
        if not any(needed in line for line in lines):
            return Problem("placeholder_missing", needed)
        if not any(needed in line and line <= rule.always for line in lines):
            return Problem("placeholder_may_vanish", needed)
    return None


def filled(text: str, values: Mapping[Placeholder, str]) -> str:
    """`text` without problems, with a value for every placeholder it may have."""
    lines = []
    for line in normal(text).split("\n"):
        names = [Placeholder(name) for name in _PLACEHOLDER.findall(line)]
        if all(values[name] for name in names):
            lines.append(_PLACEHOLDER.sub(lambda found: values[Placeholder(found[1])], line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def normal(text: str) -> str:
    """One kind of line ends, nothing around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
