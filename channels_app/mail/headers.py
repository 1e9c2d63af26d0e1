"""Header blocks as bytes: splitting, unfolding, parameters (RFC 2045, 2231). Linear, and never at a loss."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from channels_app.mail import charsets, limits
from channels_app.mail.words import decode_words, header_text

_BLANK = re.compile(rb"\r*\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")
_END_OF_BLOCK = re.compile(rb"\n\r*\n")
_FOLD = re.compile(rb"\r*\n")
_LETTER_FIELD = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|reply-to|sender|received|mime-version|content-[a-z-]+|in-reply-to|"
    rb"references|return-path|x-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_PART_FIELD = re.compile(rb"^content-[a-z-]+[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LEADING_BLANKS = re.compile(rb"(?:\r*\n)+")
_LOOK_AHEAD = 65_536

_PARAMETER = re.compile(r'([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_SKIP = re.compile(r"[\s;]*")
_CONTINUED = re.compile(r"^(.+?)\*(?:(\d{1,3})(\*)?)?$")


class Headers:
    """Fields of one block by lower-case name, values unfolded but not decoded, in their order."""

    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields: dict[str, list[bytes]] = {}

    def add(self, name: bytes, value: bytes) -> None:
        self.fields.setdefault(name.decode("ascii").lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def get(self, name: str) -> bytes:
        """The first value that is not empty, else b""."""
        return next((value for value in self.fields.get(name, ()) if value), b"")

    def get_all(self, name: str) -> list[bytes]:
        return self.fields.get(name, [])

    def text(self, name: str) -> str:
        """The first value as plain text for rules that look for ASCII words, lower case."""
        return self.get(name).decode("ascii", "replace").strip().lower()


def read_block(buffer: bytes, start: int, end: int, *, is_letter: bool) -> tuple[Headers, int, bool]:
    """The fields from `start`, where the body begins, and whether lines had to be skipped.

    A line without colon ends the block only if no known field follows before the next empty line
    (Outlook and Exchange gateways put such lines among the headers).
    """
    headers = Headers()
    position = start
    if is_letter:
        leading = _LEADING_BLANKS.match(buffer, start, end)
        if leading and _LETTER_FIELD.match(buffer, leading.end(), end):
            position = leading.end()
    resume_until = -1
    is_broken = False
    while position < end:
        blank = _BLANK.match(buffer, position, end)
        if blank:
            return headers, blank.end(), is_broken
        field = _FIELD.match(buffer, position, end)
        if field:
            headers.add(field[1], _FOLD.sub(b"", field[2]).strip(b" \t\r"))
            position = field.end()
        else:
            if resume_until < 0:
                resume_until = _last_field(buffer, position, end, is_letter=is_letter)
            if position >= resume_until:
                return headers, position, True
            line = _LINE.match(buffer, position, end)
            is_mbox_line = position == start and buffer.startswith((b"From ", b">From "), position)
            is_broken = is_broken or not is_mbox_line
            position = line.end() if line else end
        if position - start > limits.MAX_HEADER_BYTES:
            raise limits.Unparseable("header_too_large")
    return headers, end, is_broken


def _last_field(buffer: bytes, start: int, end: int, *, is_letter: bool) -> int:
    """Where the last known field before the next empty line begins, -1 if there is none."""
    reach = min(end, start + _LOOK_AHEAD)
    stop = _END_OF_BLOCK.search(buffer, start, reach)
    known = _LETTER_FIELD if is_letter else _PART_FIELD
    last = -1
    for match in known.finditer(buffer, start, stop.start() + 1 if stop else reach):
        last = match.start()
    return last


def parse_parameters(value: bytes, *, hint: str = "") -> tuple[str, dict[str, str]]:
    """The word before the first ";" in lower case, and the parameters, RFC 2231 joined and decoded."""
    if not value:
        return "", {}
    text = header_text(value, hint=hint)
    main, _, rest = text.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, setting in _parameters(rest):
        continued = _CONTINUED.match(name) if "*" in name else None
        if continued:
            is_encoded = continued[2] is None or continued[3] is not None
            pieces.setdefault(continued[1], {}).setdefault(int(continued[2] or 0), (is_encoded, setting))
        else:
            plain.setdefault(name, setting)
    parameters = {name: decode_words(setting, hint=hint) for name, setting in plain.items()}
    for name, numbered in pieces.items():
        parameters[name] = _join_pieces([numbered[number] for number in sorted(numbered)], hint)
    return main.partition("(")[0].strip().lower(), parameters


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        skipped = _SKIP.match(text, position)
        position = skipped.end() if skipped else position
        parameter = _PARAMETER.match(text, position)
        if parameter:
            yield parameter[1].lower(), _unquote(parameter[2])
            position = parameter.end()
        else:
            following = text.find(";", position)
            if following < 0:
                return
            position = following + 1


def _unquote(setting: str) -> str:
    setting = setting.strip()
    if setting.startswith('"'):
        setting = setting[1:].removesuffix('"')
        # Only what needs it is unescaped: mailers write Windows paths with single backslashes.
        return setting.replace('\\"', '"').replace("\\\\", "\\")
    return setting


def _join_pieces(numbered: list[tuple[bool, str]], hint: str) -> str:
    charset = ""
    content = b""
    for index, (is_encoded, setting) in enumerate(numbered):
        if is_encoded:
            if index == 0 and setting.count("'") >= 2:
                charset, _, setting = setting.split("'", 2)
            content += unquote_to_bytes(setting)
        else:
            content += setting.encode("utf-8", "surrogateescape")
    return decode_words(charsets.decode(content, charset, hint=hint)[0], hint=hint)
