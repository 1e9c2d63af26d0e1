"""The tree of parts, as offsets into the raw bytes: nothing is copied or decoded before it is wanted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_app.mail import transfer
from channels_app.mail.headers import Headers, parse_parameters, read_block
from channels_app.mail.limits import Budget

_KIND = re.compile(r"^[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}$")
_DELIMITER_TAIL = re.compile(rb"(--)?[ \t]*\r*(?=\n|\Z)")
_FIRST_DASHES = re.compile(rb"(?:\A|\n)--([^\r\n]{1,1000}?)[ \t]*\r*\n")


@dataclass(slots=True)
class Part:
    """One leaf or multipart. `kind` is its media type, `start` and `end` bound its body in `buffer`."""

    buffer: bytes
    start: int
    end: int
    headers: Headers
    kind: str
    parameters: dict[str, str]
    depth: int
    parent: "Part | None" = None
    children: list["Part"] = field(default_factory=list)
    disposition: str = ""
    filename: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")

    def payload(self) -> tuple[bytes, bool]:
        """The decoded content, and whether its encoding was damaged."""
        content = self.buffer[self.start : self.end]
        return transfer.decode(content, transfer.encoding(self.headers.get("content-transfer-encoding")))


def read(raw: bytes) -> Part:
    """The tree of a whole letter. Raises `Unparseable` when it asks for more than `limits` allow."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return _read(raw, 0, len(raw), None, "text/plain", Budget())


def _read(buffer: bytes, start: int, end: int, parent: Part | None, default_kind: str, budget: Budget) -> Part:
    headers, body, is_broken = read_block(buffer, start, end, is_letter=parent is None)
    value = headers.get("content-type")
    named, parameters = parse_parameters(value)
    disposition, more = parse_parameters(headers.get("content-disposition"))
    filename = more.get("filename") or parameters.get("name") or ""
    part = Part(
        buffer=buffer,
        start=min(body, end),
        end=end,
        headers=headers,
        kind=_kind(named, has_file=bool(filename), default=default_kind),
        parameters=parameters,
        depth=parent.depth + 1 if parent else 0,
        parent=parent,
        disposition=disposition,
        filename=filename,
        remarks=("broken_header_block",) if is_broken else (),
    )
    if part.kind.startswith("multipart/"):
        _read_children(part, budget)
    return part


def _kind(named: str, *, has_file: bool, default: str) -> str:
    if not named:
        return default
    if _KIND.match(named):
        return named
    if named.startswith("text"):
        return "text/html" if "html" in named else "text/plain"
    return "application/octet-stream" if has_file else "text/plain"


def _read_children(part: Part, budget: Budget) -> None:
    budget.enter(part.depth + 1)
    spans = _spans(part, budget)
    if not spans:
        part.kind = "text/plain"
        part.remarks += ("boundary_not_found",)
        return
    default_kind = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
    part.children = [_read(part.buffer, start, end, part, default_kind, budget) for start, end in spans]


def _spans(part: Part, budget: Budget) -> list[tuple[int, int]]:
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    spans = _cut(part, boundary, budget) if boundary else []
    if spans:
        return spans
    if transfer.encoding(part.headers.get("content-transfer-encoding")):
        # RFC 2045 forbids encoding a multipart; some mailers do it all the same.
        part.buffer, _ = part.payload()
        part.start, part.end = 0, len(part.buffer)
        spans = _cut(part, boundary, budget) if boundary else []
        if spans:
            return spans
    found = _FIRST_DASHES.search(part.buffer, part.start, part.end)
    if not found:
        return []
    part.remarks += ("wrong_boundary",)
    return _cut(part, found[1], budget)


def _cut(part: Part, boundary: bytes, budget: Budget) -> list[tuple[int, int]]:
    """Where the parts lie (RFC 2046 §5.1.1). A missing close ends the last part at the end of the body;
    a close before the first part is passed over; whatever follows a close is epilogue."""
    delimiter = b"\n--" + boundary
    spans: list[tuple[int, int]] = []
    opened = -1
    for line_start, line_end, is_close in _delimiters(part, delimiter):
        if opened >= 0:
            budget.take_parts(1)
            stop = line_start
            if stop > opened and part.buffer[stop - 1] == 0x0D:
                stop -= 1
            spans.append((opened, max(stop, opened)))
            if is_close:
                return spans
        if not is_close:
            opened = line_end + 1
    if opened >= 0:
        budget.take_parts(1)
        spans.append((min(opened, part.end), part.end))
    return spans


def _delimiters(part: Part, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """(line feed before the delimiter line, line feed after it, whether it closes) for each delimiter line."""
    buffer, end = part.buffer, part.end
    if part.start == 0 and buffer.startswith(delimiter[1:]):
        tail = _DELIMITER_TAIL.match(buffer, len(delimiter) - 1, end)
        if tail:
            yield -1, tail.end(), bool(tail[1])
    position = buffer.find(delimiter, max(part.start - 1, 0), end)
    while position >= 0:
        after = position + len(delimiter)
        tail = _DELIMITER_TAIL.match(buffer, after, end)
        if tail:
            yield position, tail.end(), bool(tail[1])
        position = buffer.find(delimiter, after, end)
