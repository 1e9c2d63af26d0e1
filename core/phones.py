"""Telephone numbers as people write them, and the form they are compared in (E.164). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

_EXTENSION = re.compile(
    r"(?:доб(?:авочный)?|вн(?:утр(?:енний)?)?|ext(?:ension)?|x)\.?\s*[:№#]?\s*(\d{1,7})\)?\s*$", re.I
)
_BETWEEN = re.compile(r"[,;/\n|]|\s+и\s+|\s+or\s+", re.I)
_MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is "" when `literal` is no number of any country: it is kept and never a match."""

    literal: str
    number: str = ""  # E.164
    extension: str = ""


def numbers_in(text: str, *, region: str, area_code: str = "") -> list[Phone]:
    """The numbers of a list, in order. `region` and `area_code` are the office's: what a short number leaves out."""
    return [_phone(part, region=region, area_code=area_code) for part in _parts(text[:_MOST_CHARACTERS])]


def extension_of(literal: str) -> str:
    """The digits behind «доб.», "" when there are none."""
    found = _EXTENSION.search(literal)
    return found[1] if found else ""


def _parts(text: str) -> Iterator[str]:
    """«+7 495 123-45-67, доб. 12» is one number: what stands behind the comma is only its extension."""
    held = ""
    for part in _BETWEEN.split(text):
        if held and _EXTENSION.fullmatch(part.strip(" (")):
            held = f"{held}, {part.strip()}"
            continue
        if held:
            yield held
        held = part.strip()
    if held:
        yield held


def _phone(literal: str, *, region: str, area_code: str) -> Phone:
    extension = _EXTENSION.search(literal)
    main = literal[: extension.start()].rstrip(" ,(") if extension else literal
    digits = re.sub(r"\D", "", main)
    if area_code and "+" not in main and len(digits) + len(area_code) == 10:
        main = area_code + digits
    try:
        parsed = phonenumbers.parse(main, region)
    except phonenumbers.NumberParseException:
        return Phone(literal)
    if not phonenumbers.is_valid_number(parsed):
        return Phone(literal)
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(literal, number, extension[1] if extension else "")
