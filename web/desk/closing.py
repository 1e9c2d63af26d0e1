"""What became of each open promise, asked of whoever is done with a ticket. Comes back with what was said."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from tickets.queries import TicketPage
from tickets.queries.promises import PromiseView
from tickets.services.promises import MOST_OPEN, MOST_WORDS, Ending

ASKED_ANEW = frozenset({"promises_open", "promise_no_reason", "promise_too_long", "promise_ended"})
KEPT, WITHDRAWN = "kept", "withdrawn"


@dataclass(frozen=True, slots=True)
class Said:
    end: str  # "" where nothing was chosen
    reason: str


@dataclass(frozen=True, slots=True)
class ClosingRefusal:
    status: str
    said: Mapping[str, Said]  # by public id of the promise
    error: str


@dataclass(frozen=True, slots=True)
class Closing:
    status: str
    error: str
    rows: tuple[tuple[PromiseView, str, str], ...]  # each open one with what was said of it


def said(form: QueryDict) -> dict[str, Said]:
    named = form.getlist("promise")[:MOST_OPEN]
    return {one: Said(form.get(f"end-{one}", ""), form.get(f"reason-{one}", "")[: MOST_WORDS * 2]) for one in named}


def endings(said: Mapping[str, Said]) -> dict[str, Ending]:
    """Of those of which something was said."""
    return {one: Ending(each.end == KEPT, each.reason) for one, each in said.items() if each.end in (KEPT, WITHDRAWN)}


def asked(page: TicketPage, refused: ClosingRefusal | None) -> Closing | None:
    if refused is None:
        return None
    nothing = Said("", "")
    open_ones = [(each, refused.said.get(each.public_id, nothing)) for each in page.promises if each.state.is_open]
    return Closing(refused.status, refused.error, tuple((each, said.end, said.reason) for each, said in open_ones))
