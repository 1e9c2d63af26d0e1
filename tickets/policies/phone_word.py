"""What may be said of a ticket to whoever calls and names its number. Pure (decisions 9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.enums import NumberSource, Status
from tickets.policies.plain_state import PlainState, plain_state

PHONE_IS_KNOWN = timedelta(days=14)  # on file; a newer number is weak


@dataclass(frozen=True, slots=True)
class Word:
    """`why_not`: nothing may be said; else the word of the state and when the next answer was promised, if one is."""

    why_not: str = ""  # no_number | only_said | other_number
    state: PlainState | None = None
    answer_by: datetime | None = None


def word_for(
    calling: str, source: NumberSource, *, numbers: Collection[str], status: Status, due_at: datetime | None
) -> Word:
    """`calling` and the `numbers` of the ticket in E.164; a ticket that nobody is told of has none."""
    if not calling:
        return Word("no_number")
    if source is not NumberSource.SHOWN:  # whoever knows a number can say it
        return Word("only_said")
    if calling not in numbers:
        return Word("other_number")
    state = plain_state(status)
    return Word(state=state, answer_by=due_at if state is PlainState.WORKING else None)
