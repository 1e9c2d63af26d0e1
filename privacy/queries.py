"""Acts of destruction, to be shown and printed."""

from dataclasses import dataclass
from datetime import datetime

from events.models import Event
from privacy.models import Destruction

PAGE = 50
_MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Acts:
    acts: list[Destruction]
    basis: str
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the journal of an act."""

    sequence: int
    at: datetime
    actor: str
    digest: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Act:
    act: Destruction
    entries: tuple[Entry, ...]
    is_cut: bool


def acts(*, before: str = "", basis: str = "") -> Acts:
    """The newest first."""
    rows = Destruction.objects.order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    if basis:
        rows = rows.filter(basis=basis[:16])
    found = list(rows.defer("tickets", "counts")[: PAGE + 1])
    return Acts(found[:PAGE], basis, found[PAGE - 1].pk if len(found) > PAGE else None)


def act(number: int) -> Act | None:
    row = Destruction.objects.filter(pk=number).first()
    if row is None:
        return None
    links = Event.objects.filter(stream=f"act:{number}").select_related("payload").order_by("sequence")
    found = [
        Entry(link.sequence, link.at, link.actor, bytes(link.digest).hex(), link.payload.data["counts"])
        for link in links[: _MOST_ENTRIES + 1]
    ]
    return Act(row, tuple(found[:_MOST_ENTRIES]), len(found) > _MOST_ENTRIES)
