"""Lists of what is asked for: which fit a ticket, and how one comes into what is being written. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskList:
    """`kinds` are of tickets, `service_kinds` of the service they are about; none means all."""

    id: int
    name_ru: str
    name_en: str
    lines_ru: str
    lines_en: str
    kinds: tuple[str, ...] = ()
    service_kinds: tuple[str, ...] = ()
    place: int = 0
    is_active: bool = True

    def lines(self, language: str) -> str:
        return self.lines_ru if language.startswith("ru") else self.lines_en

    def fits(self, *, kind: str, service_kind: str) -> bool:
        """`service_kind` is "" where the ticket is about no service on file: then nothing speaks against a list."""
        fits_service = not self.service_kinds or not service_kind or service_kind in self.service_kinds
        return fits_service and (not self.kinds or kind in self.kinds)


def offered(
    lists: Iterable[AskList], *, kind: str, service_kind: str
) -> tuple[tuple[AskList, ...], tuple[AskList, ...]]:
    """Those in use that fit, made for this kind of service before the general ones; and the others."""
    fitting: list[AskList] = []
    others: list[AskList] = []
    for each in lists:
        if each.is_active:
            (fitting if each.fits(kind=kind, service_kind=service_kind) else others).append(each)
    fitting.sort(key=lambda each: service_kind not in each.service_kinds)
    return tuple(fitting), tuple(others)


def added(asks: str, lines: str) -> str:
    """What was written, then what of the list is not there yet."""
    there = {line.strip() for line in asks.splitlines()}
    more = [line for line in lines.splitlines() if line.strip() not in there]
    return "\n".join([*([asks.rstrip()] if asks.strip() else []), *more])
