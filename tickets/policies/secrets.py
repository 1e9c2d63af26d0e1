"""Passwords, keys and card numbers that people write into messages: found and taken out of the text. Pure.

Better one too few than a letter nobody can read: only what stands after a clear word, or has a form of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape


class SecretKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 - a word
    KEY = "key"
    CARD = "card"
    ONCE = "once"  # typed into the field for it: shown once


@dataclass(frozen=True, slots=True)
class Found:
    """`place` counts from 1 within one message; `MARK` with it stands in the text instead."""

    place: int
    kind: SecretKind
    value: str


_Span = tuple[int, int, SecretKind]

MARK = "⟦•••{}⟧"
MARKED = re.compile(r"⟦•••(\d{1,2})⟧")
_MOST = 20
_TELLING = 6  # characters: a shorter one may stand elsewhere for something else
_SCAN_CHARACTERS = 200_000

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----.{20,20000}?-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----", re.S
)
_TOKEN = re.compile(
    r"(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}"
    r"|AKIA[A-Z0-9]{16}|[sr]k_live_[A-Za-z0-9]{16,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})(?![\w-])"
)
_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,64}:(?P<value>[^\s/@]{1,128})@", re.I)
_SETTING = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?:[A-Z][A-Z0-9]{0,20}_){0,6}"
    r"(?:SECRET|TOKEN|KEY|PASSWORD|PASSWD|PASS|PWD)(?:_[A-Z0-9]{1,20}){0,3}"
    r"[ \t]*=[ \t]*[\"']?(?P<value>[^\s\"']{4,512})",
    re.M,
)
_AFTER_WORD = re.compile(
    r"\b(?:парол[ьяею]м?|пасс(?:ворд)?|password|passwd|passphrase|pwd|pass)\b"
    r"(?:[ \t]+(?:от|для|к|на|for|of|to)[ \t]+[^\s:=]{1,40})?[ \t]*[:=][ \t]*[\"'«]?(?P<value>[^\s\"'«»<>]{4,128})",
    re.I,
)
_DIGITS = re.compile(r"(?<![\d-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\d-])")
_FORMS = (
    (SecretKind.KEY, _PRIVATE_KEY),
    (SecretKind.KEY, _TOKEN),
    (SecretKind.PASSWORD, _IN_ADDRESS),
    (SecretKind.KEY, _SETTING),
    (SecretKind.PASSWORD, _AFTER_WORD),
    (SecretKind.CARD, _DIGITS),
)


def take_out(*texts: str, html: str = "") -> tuple[list[str], str, list[Found]]:
    """The texts and the HTML with marks in place of what is secret, and what that was; at most twenty.

    The HTML is not read for secrets of its own: it loses, like each text, what another gives away.
    """
    kinds: dict[str, SecretKind] = {}
    spans = [_in(text) for text in texts]
    for start, end, kind, text in [(*span, text) for text, found in zip(texts, spans, strict=True) for span in found]:
        if len(kinds) < _MOST:
            kinds.setdefault(text[start:end], kind)
    found = [Found(place, kind, value) for place, (value, kind) in enumerate(kinds.items(), 1)]
    marks = {each.value: MARK.format(each.place) for each in found}
    marked = [_without(text, cut, marks) for text, cut in zip(texts, spans, strict=True)]
    return marked, _everywhere(html, marks), found


_SECRET_FILE = re.compile(
    r"\.env(\..+)?|.+\.env|id_(rsa|dsa|ecdsa|ed25519)|.+\.(pem|key|p12|pfx|ppk|jks|kdbx|ovpn)|wp-config\.php"
    r"|\.(htpasswd|netrc|pgpass|my\.cnf)|.*credentials.*\.(json|csv|txt)",
    re.I,
)


_COPY = re.compile(r" ?\(\d+\)")  # what we, or a browser, put to a name that was taken: `.env (2)`


def is_secret_file(filename: str) -> bool:
    """By its name alone: settings with passwords, private keys, stores of keys."""
    return _SECRET_FILE.fullmatch(_COPY.sub("", filename).strip()) is not None


def _in(text: str) -> list[_Span]:
    taken: list[_Span] = []
    scanned = text[:_SCAN_CHARACTERS]
    for kind, form in _FORMS:
        for match in form.finditer(scanned):
            start, end = match.span("value") if "value" in form.groupindex else match.span()
            end = start + len(scanned[start:end].rstrip(".,;)"))  # the end of a sentence is no part of a password
            written = scanned[start:end]
            if not written or MARKED.fullmatch(written) or (kind is SecretKind.CARD and not _luhn(written)):
                continue
            if all(end <= other_start or start >= other_end for other_start, other_end, _ in taken):
                taken.append((start, end, kind))
    return sorted(taken)


def _without(text: str, cut: Sequence[_Span], marks: Mapping[str, str]) -> str:
    for start, end, _ in reversed(cut):
        if text[start:end] in marks:
            text = text[:start] + marks[text[start:end]] + text[end:]
    return _everywhere(text, marks)


def _everywhere(text: str, marks: Mapping[str, str]) -> str:
    for value in sorted(marks, key=len, reverse=True):  # a longer one may hold a shorter one
        if len(value) >= _TELLING:
            text = text.replace(value, marks[value]).replace(escape(value), marks[value])
    return text


def _luhn(written: str) -> bool:
    digits = [int(c) for c in written if c.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
