"""Rows as CSV for people who open them in a spreadsheet: no cell of a stranger's ever becomes a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of its country
_FORMULA = re.compile(r"'*[=+\-@\t\r\0]")
_MADE_SAFE = re.compile(r"'+[=+\-@\t\r\0]")


def safe(cell: str) -> str:
    """`cell` with an apostrophe before what a spreadsheet would calculate; `restored` takes it off again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    return cell[1:] if _MADE_SAFE.match(cell) else cell


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Line by line, so that any number of rows takes the memory of one."""
    writer = csv.writer(_Echo())
    yield BOM.encode()
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row]).encode()
