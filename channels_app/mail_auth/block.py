"""The header block as signatures see it: every field in order, folds kept. Linear, bounded, never raises."""

import re
from dataclasses import dataclass
from functools import cached_property

MAX_BLOCK_BYTES = 1_000_000
MAX_FIELDS = 1_000

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIELD_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200})[ \t]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Block:
    """`fields` are (name as written, value with folds and final CRLF), as dkimpy wants them.

    `is_damaged` is true where readers may differ about what the fields are: lines that are no field, bare
    carriage returns, an endless block. No signature counts on such a block.
    """

    fields: tuple[tuple[bytes, bytes], ...]
    body_at: int
    is_damaged: bool

    def values(self, name: bytes) -> list[bytes]:
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            found.setdefault(name.lower(), []).append(value)
        return found


def split(raw: bytes) -> Block:
    if raw.startswith((b"\n", b"\r\n")):
        return Block((), 0, is_damaged=True)
    end = _BLANK_LINE.search(raw, 0, MAX_BLOCK_BYTES)
    is_damaged = end is None and len(raw) > MAX_BLOCK_BYTES
    block = raw[: end.start() if end else MAX_BLOCK_BYTES].replace(b"\r\n", b"\n")
    is_damaged = is_damaged or b"\r" in block or b"\x00" in block
    fields: list[tuple[bytes, list[bytes]]] = []
    lines = block.removesuffix(b"\n").split(b"\n")
    if lines and lines[0].startswith((b"From ", b">From ")):  # the envelope line of a mailbox file
        del lines[0]
    for line in lines:
        name = None
        if line.startswith((b" ", b"\t")) and fields:
            fields[-1][1].append(line)
        elif (name := _FIELD_NAME.match(line)) and (len(fields) < MAX_FIELDS or name[1].lower() == b"from"):
            fields.append((name[1], [line[name.end() :]]))
        else:
            is_damaged = True
    return Block(
        tuple((name, b"\r\n".join(folded) + b"\r\n") for name, folded in fields),
        end.end() if end else len(raw),
        is_damaged,
    )


def unfold(value: bytes) -> bytes:
    return value.replace(b"\r\n", b"").strip(b" \t")


def printable(value: bytes | str, limit: int = 255) -> str:
    """`value` fit for a fact: no control characters, no NUL, bounded."""
    text = value if isinstance(value, str) else value[: limit * 4].decode("utf-8", "replace")
    return _CONTROL.sub(" ", text[:limit]).strip()
