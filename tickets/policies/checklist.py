"""What is asked of a customer, one thing a line, and what counts as an answer. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tickets.enums import AskKind

MOST_ITEMS = 20
MOST_WORDS = 300
_BULLET = re.compile(r"^(?:[-*•–—]|\d{1,2}[.)])(?:\s+|$)")
_MARK = re.compile(r"\s*\[(\w+)\]$")
_KINDS = {"file": AskKind.FILE, "файл": AskKind.FILE, "done": AskKind.DONE, "сделать": AskKind.DONE}


@dataclass(frozen=True, slots=True)
class Asked:
    words: str
    kind: AskKind


@dataclass(frozen=True, slots=True)
class Ticked:
    place: int
    asked: str
    words: str = ""
    filenames: tuple[str, ...] = ()


def asked_in(text: str) -> tuple[Asked, ...]:
    """Each line that says anything; `[file]` at its end asks for a file, `[done]` for a deed, in either language."""
    return tuple(_asked(line) for line in text.splitlines() if _BULLET.sub("", line.strip()))


def _asked(line: str) -> Asked:
    words = _BULLET.sub("", " ".join(line.split()))
    mark = _MARK.search(words)
    kind = _KINDS.get(mark[1].lower()) if mark else None
    if mark is None or kind is None or mark.start() == 0:
        return Asked(words, AskKind.TEXT)
    return Asked(words[: mark.start()], kind)


def numbered(items: Iterable[Asked]) -> str:
    return "\n".join(f"{place}. {item.words}" for place, item in enumerate(items, 1))


def is_answered(kind: AskKind, *, words: str, has_files: bool, is_done: bool) -> bool:
    match kind:
        case AskKind.FILE:
            return has_files
        case AskKind.DONE:
            return is_done
        case AskKind.TEXT:
            return has_files or bool(words.strip())


def told(ticked: Sequence[Ticked], more: str) -> str:
    """One message that says what was answered, and whatever was written beside it."""
    parts = []
    for item in ticked:
        answer = "\n".join([*([item.words.strip()] if item.words.strip() else []), *item.filenames])
        parts.append(f"{item.place}. {item.asked}\n{answer or '✓'}")
    return "\n\n".join([*parts, *([more.strip()] if more.strip() else [])])
