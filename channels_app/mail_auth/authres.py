"""`Authentication-Results` (RFC 8601) by its grammar. What does not fit the grammar is not believed at all.

Providers print the envelope sender into comments, so a stranger writes part of this header. He needs an open quote to
bring a parenthesis or semicolon there: a comment with an odd number of quotes makes the whole header worthless.
"""

import re
from dataclasses import dataclass

MAX_BYTES = 16_384
MAX_RESULTS = 50

_BLANK = re.compile(r"[ \t\r\n]+")
_TOKEN = re.compile(r"[^\s()<>@,;:\\/\[\]?=\"\x00-\x1f\x7f]+")
_KEYWORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_QUOTED = re.compile(r'"((?:[^"\\\r\n]|\\.)*)"')
_PVALUE = re.compile(r"[^\s;()\"\\\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's verdict with its own properties, as {"header.d": "example.com"}."""

    method: str
    verdict: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class Results:
    authserv_id: str
    results: tuple[Result, ...]

    def of(self, method: str) -> list[Result]:
        return [result for result in self.results if result.method == method]


class _Malformed(Exception):
    pass


def parse(value: bytes) -> Results | None:
    """None where the header is malformed, or says two things about what can be judged only once."""
    if len(value) > MAX_BYTES:
        return None
    try:
        found = _Reader(value.decode("utf-8", "replace")).header()
    except _Malformed:
        return None
    if len(found.of("dmarc")) > 1 or len([each for each in found.of("spf") if "smtp.mailfrom" in each.properties]) > 1:
        return None
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def header(self) -> Results:
        self.skip()
        authserv_id = self.value()
        self.skip()
        if self.peek() not in (";", ""):
            if self.take(_TOKEN) != "1":
                raise _Malformed
            self.skip()
        results: list[Result] = []
        while self.peek() == ";":
            self.at += 1
            self.skip()
            if not self.peek():  # a last semicolon is common and harmless
                break
            result = self.result()
            if result:
                results.append(result)
            if len(results) > MAX_RESULTS:
                raise _Malformed
        if self.peek():
            raise _Malformed
        return Results(authserv_id.lower(), tuple(results))

    def result(self) -> Result | None:
        method = self.take(_KEYWORD).lower()
        self.skip()
        if method == "none" and self.peek() in (";", ""):
            return None
        if self.peek() == "/":
            self.expect("/")
            self.skip()
            if self.take(_TOKEN) != "1":
                raise _Malformed
            self.skip()
        self.expect("=")
        self.skip()
        verdict = self.take(_KEYWORD).lower()
        properties: dict[str, str] = {}
        while True:
            self.skip()
            if self.peek() in (";", ""):
                return Result(method, verdict, properties)
            name = self.take(_KEYWORD).lower()
            self.skip()
            if self.peek() == ".":
                self.expect(".")
                self.skip()
                name += "." + self.take(_KEYWORD).lower()
                self.skip()
            elif name not in ("reason", "action"):  # Microsoft writes a bare action=
                raise _Malformed
            self.expect("=")
            self.skip()
            if properties.setdefault(name, found := self.pvalue()) != found:
                raise _Malformed

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise _Malformed
        self.at += 1

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _Malformed
        self.at = match.end()
        return match.group()

    def value(self) -> str:
        if self.peek() == '"':
            return self.quoted()
        return self.take(_TOKEN)

    def pvalue(self) -> str:
        """A value, or an address: `"a b"@example.com`, `@example.com`, `bounce=42@example.com`."""
        if self.peek() != '"':
            return self.take(_PVALUE)
        found = self.quoted()
        if self.peek() == "@":
            return f'"{found}"{self.take(_PVALUE)}'
        return found

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise _Malformed
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match[1])

    def skip(self) -> None:
        while True:
            blank = _BLANK.match(self.text, self.at)
            if blank:
                self.at = blank.end()
            if self.peek() != "(":
                return
            self.comment()

    def comment(self) -> None:
        depth = quotes = 0
        while self.at < len(self.text):
            mark = self.text[self.at]
            if mark == "\\":
                self.at += 1
            elif mark == '"':
                quotes += 1
            elif mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
            self.at += 1
            if depth == 0:
                if quotes % 2:
                    raise _Malformed
                return
        raise _Malformed
