"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    GOOD = "ok"
    WARNING = "warning"
    BAD = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was seen; when it is not good, why that matters and the command or the change that cures it."""

    verdict: Verdict
    what: str
    why: str = ""
    cure: str = ""

    def __str__(self) -> str:
        lines = [f"{self.verdict:<8} {self.what}"]
        lines += [f"{'':<8}   {label}: {text}" for label, text in (("why", self.why), ("cure", self.cure)) if text]
        return "\n".join(lines)


def good(what: str) -> Finding:
    return Finding(Verdict.GOOD, what)


def bad(what: str, why: str, cure: str) -> Finding:
    return Finding(Verdict.BAD, what, why, cure)


def warning(what: str, why: str, cure: str) -> Finding:
    return Finding(Verdict.WARNING, what, why, cure)
