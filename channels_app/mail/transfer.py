"""Content-Transfer-Encoding undone as far as it goes. Nothing raises; unknown encodings pass through."""

import binascii
import re

_WORD = re.compile(rb"[a-z0-9-]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t\r\n"
_NOT_ALPHABET = bytes(b for b in range(256) if b not in _ALPHABET)
_WHITE = b" \t\r\n"
_TRAILING_WHITE = re.compile(rb"=[ \t]+(?=\r*\n)")
_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)

BASE64, QUOTED, UUENCODE, IDENTITY = "base64", "quoted-printable", "uuencode", ""
_ENCODINGS = {
    b"base64": BASE64,
    b"base-64": BASE64,
    b"quoted-printable": QUOTED,
    b"quoted": QUOTED,
    b"uuencode": UUENCODE,
    b"x-uuencode": UUENCODE,
    b"uue": UUENCODE,
    b"x-uue": UUENCODE,
}


def encoding(value: bytes) -> str:
    """The encoding a header value means; 7bit, 8bit, binary, nonsense and nothing are IDENTITY."""
    word = _WORD.search(value.lower())
    return _ENCODINGS.get(word.group(), IDENTITY) if word else IDENTITY


def decode(content: bytes, name: str) -> tuple[bytes, bool]:
    """The bytes, and whether the encoding was damaged."""
    if name == BASE64:
        return _base64(content)
    if name == QUOTED:
        if b"= " in content or b"=\t" in content:
            content = _TRAILING_WHITE.sub(b"=", content)
        return binascii.a2b_qp(content), False
    if name == UUENCODE:
        begin = _BEGIN.search(content)
        if not begin:
            return content, True
        stop = _END.search(content, begin.end())
        decoded, is_damaged = _uudecode(content[begin.end() : stop.start() if stop else len(content)])
        return decoded, is_damaged or stop is None
    return content, False


def uu_files(content: bytes) -> tuple[bytes, list[tuple[bytes, bytes, bool]]]:
    """Text without the files uuencoded into it, and the files: (name, bytes, is_damaged)."""
    files = []
    rest = []
    position = 0
    while True:
        begin = _BEGIN.search(content, position)
        stop = _END.search(content, begin.end()) if begin else None
        if not begin or not stop:
            break
        decoded, is_damaged = _uudecode(content[begin.end() : stop.start()])
        if not decoded:
            break
        files.append((begin[1].strip(), decoded, is_damaged))
        rest.append(content[position : begin.start()])
        position = stop.end()
    return b"".join(rest) + content[position:], files


def _base64(content: bytes) -> tuple[bytes, bool]:
    stray = content.translate(None, _ALPHABET)
    if stray in (b"", b"=", b"=="):
        try:
            decoded = binascii.a2b_base64(content)
        except binascii.Error:
            return _padded(content.translate(None, _NOT_ALPHABET)), True
        return decoded, bool(stray) and not content.rstrip().endswith(stray)
    if not stray.strip(b"="):
        # Several padded blocks one after another: each is decoded by itself.
        blocks = re.split(rb"=+", content)
        return b"".join(_padded(block) for block in blocks), False
    # Stray characters; a mailing list's footer after the closing padding is not part of the file.
    head, padding, tail = content.partition(b"=")
    if padding and tail.translate(None, _ALPHABET + b"=") and not head.translate(None, _ALPHABET):
        return _padded(head), True
    return _padded(content), True


def _padded(content: bytes) -> bytes:
    digits = content.translate(None, _NOT_ALPHABET).translate(None, _WHITE)
    surplus = len(digits) % 4
    if surplus == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _uudecode(content: bytes) -> tuple[bytes, bool]:
    out = []
    is_damaged = False
    for line in content.split(b"\n"):
        line = line.rstrip(b"\r")
        if not line or line in (b"`", b" "):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            is_damaged = True
            try:  # lines padded wrongly by old encoders: take what the length byte promises
                out.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
            except binascii.Error:
                continue
    return b"".join(out), is_damaged
