"""THE table of a ticket's life: what an agent may do from each state, and what the clocks do in it."""

from tickets.enums import Status

_WORKING = {Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY, Status.WORKAROUND, Status.RESOLVED}

# from                       -> to, by an agent's hand
MOVES: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset(_WORKING),
    Status.OPEN: frozenset(_WORKING - {Status.OPEN}),
    Status.WAITING_CUSTOMER: frozenset(_WORKING - {Status.WAITING_CUSTOMER}),
    Status.WAITING_CONFIRMATION: frozenset({Status.OPEN}),
    Status.WAITING_THIRD_PARTY: frozenset(_WORKING - {Status.WAITING_THIRD_PARTY}),
    Status.WORKAROUND: frozenset(_WORKING - {Status.WORKAROUND}),
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
}

# Waiting for somebody of ours or a third party is still our time.
PAUSES_CLOCKS = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_CONFIRMATION})


def may_move(before: Status, after: Status) -> bool:
    return after in MOVES[before]


def after_customer_wrote(status: Status) -> Status:
    """A person's message brings a ticket back to work; a new one stays new until somebody takes it."""
    return Status.NEW if status is Status.NEW else Status.OPEN


def after_we_replied(status: Status) -> Status:
    return Status.OPEN if status is Status.NEW else status


def after_we_asked(status: Status) -> Status:
    """A reply with a list waits for the customer, wherever a ticket may come to wait."""
    replied = after_we_replied(status)
    return Status.WAITING_CUSTOMER if may_move(replied, Status.WAITING_CUSTOMER) else replied


def after_customer_ticked(status: Status, *, left: int) -> Status:
    """A waiting ticket waits on while something is still asked for; the last tick is an answer like any other."""
    return status if left and status is Status.WAITING_CUSTOMER else after_customer_wrote(status)
