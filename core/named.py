"""What names one person, and the pattern by which PostgreSQL finds it in words that others wrote. Pure."""

import re
from dataclasses import dataclass
from functools import cached_property

from core.normal_forms import unicode_domain

_BETWEEN = r"[[:space:]().-]*"  # how digits of a telephone number are grouped
_FEWEST_WORDS = 2  # a single word of a name is a word of the language, too
_NEVER = "(?=a)b"


@dataclass(frozen=True)
class Named:
    emails: frozenset[str]  # normal forms
    phones: frozenset[str] = frozenset()  # E.164
    names: frozenset[str] = frozenset()  # whole ones

    @cached_property
    def pattern(self) -> str:
        """For `~*` and `regexp_replace(…, 'gi')`."""
        parts = [_address(email) for email in sorted(self.emails)]
        parts += [_phone(number) for number in sorted(self.phones)]
        for name in sorted({" ".join(name.split()) for name in self.names}, key=len, reverse=True):
            if len(words := name.split()) >= _FEWEST_WORDS:
                parts.append(rf"(?<!\w){'[[:space:]]+'.join(map(_literal, words))}(?!\w)")
        return "|".join(parts) or _NEVER

    def with_names(self, *names: str) -> "Named":
        return Named(self.emails, self.phones, self.names | frozenset(names))


def _address(email: str) -> str:
    local, _, domain = email.rpartition("@")
    domains = "|".join(map(_literal, dict.fromkeys((domain, unicode_domain(domain)))))
    return rf"(?<![\w.+-]){_literal(local)}@(?:{domains})(?![\w-])"


def _phone(number: str) -> str:
    digits = number.removeprefix("+")
    first = "[78]" if digits.startswith("7") else digits[0]  # inside Russia it begins with an eight
    return rf"(?<!\d)\+?{_BETWEEN.join([first, *digits[1:]])}(?!\d)"


def _literal(words: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", words)
