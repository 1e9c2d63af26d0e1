"""To which ticket does a message belong, and may its sender speak there? Pure."""

from dataclasses import dataclass
from enum import StrEnum

from core.trust import Level
from tickets.enums import Status


class Way(StrEnum):
    """How a ticket was recognised, the surest first."""

    TOKEN = "token"  # noqa: S105 - the signed reply address
    REFERENCE = "reference"  # Message-ID of a letter of ours or of the requester
    NUMBER = "number"  # only the number in the subject


class Placement(StrEnum):
    NEW = "new"
    JOIN = "join"
    HOLD = "hold"
    SIDE = "side"  # a third party answers a side letter
    NOTE = "note"  # a machine's report, whoever sent it


@dataclass(frozen=True, slots=True)
class Candidate:
    way: Way
    status: Status
    sender_takes_part: bool


def place(candidate: Candidate | None, *, level: Level) -> Placement:
    """A number is a label, not a key: it joins a participant only when somebody vouches for his address.

    A stranger who only names a number is answered as anybody is, with a number of his own: otherwise the answer
    would tell which numbers exist. The ticket he names stays with his as a claim.
    """
    if candidate is None or candidate.status is Status.CLOSED:
        return Placement.NEW
    if not candidate.sender_takes_part:
        return Placement.NEW if candidate.way is Way.NUMBER else Placement.HOLD
    if candidate.way is Way.NUMBER and level < Level.VOUCHED:
        return Placement.HOLD
    return Placement.JOIN
