"""Reading a CSV file that somebody else's program wrote: its encoding, its separator, its lines. Pure.

Every fault belongs to one line and names it; what stands behind it is read on. Memory is that of one record.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

ENCODINGS = ("utf-8", "cp1251")  # a file in UTF-16 is kept as UTF-8
SEPARATORS = (";", ",", "\t")
SAMPLE_BYTES = 256 * 1024
MOST_LINE_BYTES = 64 * 1024
MOST_RECORD_LINES = 30  # a quote that is not closed would swallow the rest of the file
MOST_COLUMNS = 100

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What people give by mistake: first bytes -> code.
_OTHER_FILES = (
    (b"PK\x03\x04", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"%PDF", "not_csv"),
    (b"\x1f\x8b", "not_csv"),
)


class NotCsv(Exception):
    """The whole file cannot be read; `code` is worded on the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Dialect:
    encoding: str
    separator: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read on: before the line of that number, which begins at that byte."""

    offset: int = 0
    line: int = 1


START = Place()


@dataclass(frozen=True, slots=True)
class Record:
    """`number` is that of its first line in the file, from 1. `fault` is a code; then there are no cells."""

    number: int
    end: Place
    cells: tuple[str, ...] = ()
    fault: str = ""


def recognised(sample: bytes) -> Dialect:
    """How the file is written, from its first bytes. Raises `NotCsv` when it is none."""
    for magic, code in _OTHER_FILES:
        if sample.startswith(magic):
            raise NotCsv(code)
    encoding = _encoding(sample)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample).removeprefix("\ufeff")
    if not text.strip():
        raise NotCsv("empty_file")
    first = next(line for line in text.splitlines() if line.strip())
    return Dialect(encoding, max(SEPARATORS, key=first.count))


def _encoding(sample: bytes) -> str:
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    zeros = sample[:4096].count(0)
    if zeros * 4 > len(sample[:4096]):  # Latin letters, digits and separators of UTF-16 have a zero byte each
        return "utf-16-le" if sample[1:4096:2].count(0) >= sample[0:4096:2].count(0) else "utf-16-be"
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    broken = text.count("\ufffd")
    # One damaged letter makes no cp1251: Cyrillic in cp1251 breaks at nearly every letter.
    return "utf-8" if broken * 4 <= sum(character > "\x7f" for character in text) else "cp1251"


def transcoded(content: bytes, encoding: str) -> bytes:
    """UTF-16 as UTF-8, so that a line ends at a byte; what cannot be read becomes U+FFFD and is found in its line."""
    return content.decode(encoding, "replace").removeprefix("\ufeff").encode()


def records(file: IO[bytes], dialect: Dialect, *, place: Place = START) -> Iterator[Record]:
    """Every record from `place` on, the header among them; empty lines are left out."""
    file.seek(place.offset)
    lines = _Lines(file, dialect.encoding, place)
    while (line := lines.take()) is not None:
        if line.text.strip(f"{dialect.separator} \r\n\t") or line.is_too_long:
            yield _record(line, lines, dialect.separator)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    end: Place
    is_too_long: bool = False


class _Lines:
    """Lines with their places; some can be put back."""

    def __init__(self, file: IO[bytes], encoding: str, place: Place) -> None:
        self.file, self.encoding, self.place = file, encoding, place
        self.back: deque[_Line] = deque()

    def take(self) -> _Line | None:
        return self.back.popleft() if self.back else self._read()

    def put_back(self, lines: list[_Line]) -> None:
        self.back.extendleft(reversed(lines))

    def _read(self) -> _Line | None:
        """By \\n or \\r\\n, never holding more than a line may be long."""
        start = piece = self.file.readline(MOST_LINE_BYTES)
        if not start:
            return None
        size, is_too_long = len(start), False
        while len(piece) == MOST_LINE_BYTES and not piece.endswith(b"\n"):
            piece = self.file.readline(MOST_LINE_BYTES)
            size, is_too_long = size + len(piece), True
        number, offset = self.place.line, self.place.offset
        self.place = Place(offset + size, number + 1)
        text = "" if is_too_long else start.decode(self.encoding, "replace").rstrip("\r\n")
        return _Line(number, text if offset else text.removeprefix("\ufeff"), self.place, is_too_long)


def _record(first: _Line, lines: _Lines, separator: str) -> Record:
    taken: list[_Line] = []

    def feed() -> Iterator[str]:
        yield first.text + "\n"
        while len(taken) < MOST_RECORD_LINES and (line := lines.take()) is not None:
            taken.append(line)
            if line.is_too_long:
                return
            yield line.text + "\n"

    if first.is_too_long:
        return Record(first.number, first.end, fault="line_too_long")
    try:
        cells = next(csv.reader(feed(), delimiter=separator, strict=True))
    except csv.Error:
        lines.put_back(taken)
        return Record(first.number, first.end, fault="quotes")
    end = taken[-1].end if taken else first.end
    if len(cells) > MOST_COLUMNS:
        return Record(first.number, end, fault="too_many_columns")
    return Record(first.number, end, tuple(cells))
