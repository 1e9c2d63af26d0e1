"""The accent of an installation: one colour that can be read wherever it is put, by the contrast of WCAG 2."""

import re
from dataclasses import dataclass

TEXT = 4.5  # WCAG 1.4.3
EDGE = 3.0  # WCAG 1.4.11
# Grounds the accent is written on (static/tokens.css): the hardest of the light ones and of the dark ones.
LIGHT, DARK = "#f2f0ea", "#25282e"
WHITE, BLACK = "#ffffff", "#000000"
_FORM = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Shades:
    """What takes the place of the accent's tokens in one theme."""

    text: str
    fill: str
    fill_hover: str
    soft: str
    line: str


def normal(typed: str) -> str | None:
    """`#rrggbb` in lower case; the short form and a missing # are understood. None: no colour."""
    digits = typed.strip().lower().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}" if _FORM.fullmatch(f"#{digits}") else None


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_allowed(accent: str) -> bool:
    """White words on it and its own words on our light pages are read; what dark pages need is made from it."""
    return contrast(accent, LIGHT) >= TEXT and contrast(accent, mixed(accent, WHITE, 0.9)) >= TEXT


def nearest_allowed(accent: str) -> str:
    """The same hue, as little darker as it takes."""
    return next(shade for shade in _towards(accent, BLACK) if is_allowed(shade))


def shades(accent: str) -> tuple[Shades, Shades]:
    """For light and for dark pages. `accent` is allowed."""
    light = Shades(accent, accent, mixed(accent, BLACK, 0.18), mixed(accent, WHITE, 0.9), mixed(accent, WHITE, 0.65))
    soft = mixed(accent, DARK, 0.8)
    text = next(shade for shade in _towards(accent, WHITE) if min(contrast(shade, DARK), contrast(shade, soft)) >= TEXT)
    # A fill stands out from the page, and white is still read on it.
    fill = next(shade for shade in _towards(accent, WHITE) if contrast(shade, DARK) >= EDGE)
    dark = Shades(text, fill, mixed(fill, BLACK, 0.12), soft, mixed(accent, DARK, 0.45))
    return light, dark


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the other colour in it, from 0 to 1."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _towards(colour: str, end: str) -> list[str]:
    return [mixed(colour, end, step / 50) for step in range(51)]


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
