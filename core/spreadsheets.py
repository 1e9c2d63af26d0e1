"""Rows as CSV for people who open them in a spreadsheet: no cell of a stranger's ever becomes a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of its country
# Also what stands behind a semicolon, tab or line end: where the country's comma is no separator, a spreadsheet begins
# a cell there, whatever quotes say.
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_CALCULATED = r"[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]"  # and the full-width twins of the signs
_FORMULA = re.compile(rf"{_BEGINS}(?='*{_CALCULATED})")
_MADE_SAFE = re.compile(rf"{_BEGINS}'(?='*{_CALCULATED})")


def safe(cell: str) -> str:
    """`cell` with an apostrophe before what a spreadsheet would calculate; `restored` takes it off again."""
    return _FORMULA.sub("'", cell)


def restored(cell: str) -> str:
    return _MADE_SAFE.sub("", cell)


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Line by line, so that any number of rows takes the memory of one."""
    writer = csv.writer(_Echo())
    yield BOM.encode()
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row]).encode()
