"""Encoded words (RFC 2047) as they really come: split anywhere, unpadded, with wrong or unknown charsets."""

import binascii
import re
import unicodedata

from channels_app.mail import charsets

# The encoded text may hold a stray "?" or blank; each try stops within twenty question marks.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,20})\?=")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def header_text(value: bytes, *, hint: str = "") -> str:
    """A raw header value as text, encoded words still in it."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    return charsets.guess(value, hint=hint)


def decode_words(text: str, *, hint: str = "") -> str:
    """`text` with its encoded words replaced; adjacent words of one charset are joined before decoding."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run = _Run("")
    position = 0
    for word in _WORD.finditer(text):
        gap = text[position : word.start()]
        charset = word[1].partition("*")[0].lower()
        is_adjacent = position > 0 and not gap.strip()
        if not (is_adjacent and charset == run.charset):
            out.append(run.text(hint))
            run = _Run(charset)
        if not is_adjacent:
            out.append(gap)
        run.add(word[2], word[3])
        position = word.end()
    out.append(run.text(hint))
    out.append(text[position:])
    return "".join(out)


def tidy(text: str) -> str:
    """One line without control and direction characters, white space folded."""
    return _BIDI.sub("", _CONTROLS.sub(" ", charsets.clean(text))).replace("\ufffd", "").strip()


def readable(value: bytes, *, hint: str = "") -> str:
    """A raw unstructured header as a person should read it."""
    return unicodedata.normalize("NFC", tidy(decode_words(header_text(value, hint=hint), hint=hint)))


class _Run:
    """Adjacent encoded words of one charset."""

    def __init__(self, charset: str) -> None:
        self.charset = charset
        self.content = bytearray()
        self.digits = ""  # base64 digits of a word that ended within a group of four

    def add(self, encoding: str, text: str) -> None:
        if encoding in "bB":
            digits = self.digits + _NOT_BASE64.sub("", text)
            whole = len(digits) & ~3
            self.content += binascii.a2b_base64(digits[:whole])
            self.digits = digits[whole:]
            if "=" in text:
                self.flush()
        else:
            self.flush()
            self.content += binascii.a2b_qp(text.encode("utf-8"), header=True)

    def flush(self) -> None:
        if len(self.digits) > 1:
            self.content += binascii.a2b_base64(self.digits + "=" * (4 - len(self.digits)))
        self.digits = ""

    def text(self, hint: str) -> str:
        self.flush()
        return charsets.decode(bytes(self.content), self.charset, hint=hint)[0]
