"""What a customer is told of a ticket's state: three words, not eight. Pure."""

from enum import StrEnum

from tickets.enums import Status


class PlainState(StrEnum):
    WORKING = "working"  # it is with us
    YOURS = "yours"  # it waits for the customer
    DONE = "done"


_OF = {
    Status.WAITING_CUSTOMER: PlainState.YOURS,
    Status.WAITING_CONFIRMATION: PlainState.YOURS,
    Status.RESOLVED: PlainState.DONE,
    Status.CLOSED: PlainState.DONE,
}


def plain_state(status: Status) -> PlainState:
    return _OF.get(status, PlainState.WORKING)


def as_told(status: Status, before: Status | None) -> Status:
    """What a customer is told while an answer of ours may still be taken back; `before` it, the state was that.

    Nobody hears that we wait for him before he can read for what. What he does himself is never hidden from him: it
    does not lead to waiting for him.
    """
    return before if before and plain_state(status) is PlainState.YOURS else status


def statuses_of(state: PlainState) -> list[str]:
    return [status.value for status in Status if plain_state(status) is state]
