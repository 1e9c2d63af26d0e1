"""What a letter of ours says of an account that whoever gets it has not proved enough to read. Pure.

Compared in any writing: telephone and tax numbers by their digits, addresses in their normal form, the rest as words.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.normal_forms import normal_form
from core.trust import FieldClass, Level

# From which level a class opens.
OPENS_AT = {
    FieldClass.GENERAL: Level.CONTRADICTED,
    FieldClass.PERSONAL: Level.RECOGNISED,
    FieldClass.CONFIDENTIAL: Level.AUTHORISED,
}
KINDS = {
    "login": FieldClass.PERSONAL,
    "contracts": FieldClass.PERSONAL,
    "tax_number": FieldClass.CONFIDENTIAL,
    "administrative_address": FieldClass.CONFIDENTIAL,
    "contacts": FieldClass.CONFIDENTIAL,
}
_SHORTEST = 4  # letters; a shorter login is a word of the language
_NATIONAL = 10  # last digits of a telephone number, whatever stands for the country before them
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'«»]+@[^\s<>()\[\],;:\"'«»]+")
_DIGITS = re.compile(r"\d(?:[\s()\-–.\u00a0]{0,3}\d){5,}")


@dataclass(frozen=True, slots=True)
class Guarded:
    """A value on file, and the field it stands in."""

    field: str
    value: str


def disclosed(
    text: str, guarded: Iterable[Guarded], *, level: Level, own_words: str = "", known: Collection[str] = ()
) -> tuple[str, ...]:
    """The fields `text` names that `level` does not open, in the order of `KINDS`.

    `own_words` is what its only reader has written himself, `known` the addresses it goes to: these are no news.
    """
    closed = [each for each in guarded if level < OPENS_AT[KINDS[each.field]] and each.value not in known]
    found = _named(text, closed) - _named(own_words, closed)
    return tuple(field for field in KINDS if any(each.field == field for each in found))


def _named(text: str, guarded: Iterable[Guarded]) -> set[Guarded]:
    if not text:
        return set()
    addresses = {normal_form(found.strip(".!?")) for found in _ADDRESS.findall(text)}
    runs = ["".join(filter(str.isdigit, run)) for run in _DIGITS.findall(text)]
    return {each for each in guarded if _stands(each, text, addresses, runs)}


def _stands(each: Guarded, text: str, addresses: set[str], runs: list[str]) -> bool:
    value = each.value
    if "@" in value:
        return value in addresses
    digits = "".join(filter(str.isdigit, value))
    if each.field == "contacts":
        return any(run.endswith(digits[-_NATIONAL:]) for run in runs)
    if each.field == "tax_number":
        return digits in runs
    if len(value) < _SHORTEST:
        return False
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE) is not None
