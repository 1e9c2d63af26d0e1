"""The one address parser of the product (RFC 5322 with groups, and what garbage really comes).

An address is compared only in the form given here: local part in lower case without needless quotes,
domain as A-labels in lower case, comments gone. What cannot be brought to that form is refused.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from channels_app.mail import limits
from channels_app.mail.words import decode_words, header_text, tidy
from core.normal_forms import normal_domain, normal_form, split_address, unicode_domain
from tickets.contracts import Address

_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<mark>[<>,;:()"])|(?P<white>\s+)|(?P<atom>[^\s<>,;:()"]+)', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"^@[^:]*:")
_EDGES = "'`<>[]|,;:"

__all__ = [
    "AddressList",
    "Mailbox",
    "as_address",
    "normal_domain",
    "normal_form",
    "parse",
    "parse_bytes",
    "unicode_domain",
]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox as written. `email` is "" when nothing parses; `raw_local` keeps the case of the local part."""

    email: str = ""
    name: str = ""
    raw_local: str = ""
    is_clean: bool = True  # written as an addr-spec, with or without a phrase; False for anything repaired


@dataclass(frozen=True, slots=True)
class AddressList:
    mailboxes: tuple[Mailbox, ...] = ()
    left_out: int = 0  # mailboxes beyond the limit
    refused: int = 0  # elements in which no address parses


def parse(value: str, *, limit: int = limits.MAX_ADDRESSES, hint: str = "") -> AddressList:
    """The mailboxes of a header value, encoded words still in it (they are decoded in names only)."""
    found: list[Mailbox] = []
    left_out = refused = 0
    held: list[str] = []  # "Petrov, Ivan <i@x>": an unquoted comma within a name
    for element in _elements(value):
        if element.is_empty:
            continue
        if len(found) >= limit:
            left_out += element.holds_at
            continue
        mailbox = element.mailbox(hint)
        if mailbox.email:
            if held and element.angle is not None and mailbox.name:
                mailbox = Mailbox(mailbox.email, ", ".join([*held, mailbox.name]), mailbox.raw_local, mailbox.is_clean)
                refused -= len(held)
            found.append(mailbox)
            held = []
            continue
        refused += 1
        if mailbox.name and not (element.angle or element.has_loose_angles or element.holds_at):
            held.append(mailbox.name)
    return AddressList(tuple(found), left_out, refused)


def parse_bytes(value: bytes, *, limit: int = limits.MAX_ADDRESSES, hint: str = "") -> AddressList:
    return parse(header_text(value, hint=hint), limit=limit, hint=hint)


def as_address(mailbox: Mailbox, literal: str = "") -> Address:
    return Address(email=mailbox.email, name=mailbox.name, literal=literal)


@dataclass(slots=True)
class _Element:
    """What stands between two separators."""

    phrase: str = ""  # everything outside angle brackets and comments
    spec: str = ""  # the same with comments gone and quotes kept, for bare addresses
    angle: str | None = None  # the last <...> with something in it
    comment: str = ""
    has_loose_angles: bool = False  # <> empty, unbalanced or several
    has_stray_marks: bool = False  # brackets and quotes without their other half

    @property
    def is_empty(self) -> bool:
        return not self.spec.strip() and self.angle is None and not self.comment

    @property
    def holds_at(self) -> bool:
        return "@" in self.spec or "@" in (self.angle or "")

    def mailbox(self, hint: str) -> Mailbox:
        if self.angle is not None:
            spec = _ROUTE.sub("", self.angle.strip()).strip()
            is_clean = not self.has_loose_angles and spec == self.angle.strip()
            email = normal_form(spec)
            if not email:
                bare, _ = _last_address(spec)
                if bare:
                    spec, email, is_clean = bare, normal_form(bare), False
            if email:
                name = _name(self.phrase, hint) or _name(self.comment, hint)
                foreign, _ = _last_address(self.spec)
                if foreign and "@" in self.spec and normal_form(foreign) != email and '"' not in self.spec:
                    is_clean = False  # another address stands unquoted where the name belongs
                return Mailbox(email, name, split_address(spec)[0], is_clean)
        spec, before = _last_address(self.spec)
        if spec:
            is_clean = not (self.angle or self.has_loose_angles or self.has_stray_marks or before)
            return Mailbox(normal_form(spec), _name(before or self.comment, hint), split_address(spec)[0], is_clean)
        return Mailbox("", _name(self.phrase or self.comment, hint), "", False)


def _name(text: str, hint: str) -> str:
    return unicodedata.normalize("NFC", tidy(decode_words(text, hint=hint)))[: limits.MAX_LITERAL]


def _last_address(text: str) -> tuple[str, str]:
    """The last addr-spec within free text and what stands before it; ("", "") if there is none."""
    text = text.strip()
    if "@" not in text:
        return "", ""
    if normal_form(text):
        return text, ""
    words = text.split()
    for index in range(len(words) - 1, max(len(words) - 50, -1), -1):
        word = words[index].removeprefix("mailto:").strip(_EDGES)
        if "@" in word and normal_form(word):
            return word, " ".join(words[:index]).replace('"', "")
    return "", ""


def _elements(value: str) -> Iterator[_Element]:
    """Splits at commas and semicolons outside quotes, comments and angle brackets; groups are opened up."""
    element = _Element()
    phrase: list[str] = []
    spec: list[str] = []
    inside: list[str] | None = None  # what stands in <...> so far
    has_at = False  # outside or inside of the brackets now open
    depth = 0
    comment: list[str] = []
    # An unbalanced parenthesis is a character, not the start of an endless comment.
    open_comments = value.count(")")

    def close() -> _Element:
        nonlocal element, phrase, spec, inside, comment, has_at
        if inside is not None:
            element.angle = element.angle if not "".join(inside).strip() else "".join(inside)
            element.has_loose_angles = True
        element.phrase, element.spec = "".join(phrase).strip(), "".join(spec).strip()
        element.comment = "".join(comment).strip()
        closed = element
        element, phrase, spec, inside, comment, has_at = _Element(), [], [], None, [], False
        return closed

    for token in _TOKEN.finditer(value):
        text, mark = token.group(), token["mark"]
        if depth:
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
                open_comments -= 1
            if depth:
                comment.append(text)
            continue
        if mark == "(" and open_comments > 0:
            depth = 1
        elif inside is not None:
            if mark == ">":
                content = "".join(inside)
                if content.strip():
                    element.has_loose_angles = element.has_loose_angles or element.angle is not None
                    element.angle = content
                else:
                    element.has_loose_angles = True
                inside = None
            elif mark == "<":
                element.has_loose_angles = True
            elif mark in (",", ";") and has_at and not inside[0].startswith("@"):
                yield close()  # "<a@b, c@d>" or a bracket never closed
            else:
                inside.append(text)
                has_at = has_at or "@" in text
        elif mark == "<":
            inside = []
            has_at = False
        elif mark in (",", ";"):
            yield close()
        elif mark == ":":
            if has_at or (spec and spec[-1].lower() == "mailto"):
                spec.append(text)
                phrase.append(text)
            else:
                element, phrase, spec = _Element(), [], []  # the name of a group
        elif mark == ">":
            element.has_loose_angles = True
        elif token["quoted"] is not None:
            phrase.append(_ESCAPED.sub(r"\1", token["quoted"]))
            spec.append(text)
        elif mark != '"' or phrase:
            phrase.append(text)
            if mark in ("(", ")", '"'):
                element.has_stray_marks = True
            else:
                spec.append(text)
                has_at = has_at or "@" in text
    yield close()
