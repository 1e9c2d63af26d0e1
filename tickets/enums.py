"""The words of a ticket's life. Standard library only; people read them through templates/desk and the catalogue."""

from enum import IntEnum, StrEnum


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_CONFIRMATION = "waiting_confirmation"
    WAITING_THIRD_PARTY = "waiting_third_party"
    WORKAROUND = "workaround"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_done(self) -> bool:
        return self.value in DONE


DONE = (Status.RESOLVED.value, Status.CLOSED.value)


class Kind(StrEnum):
    INCIDENT = "incident"
    QUESTION = "question"
    CHANGE_REQUEST = "change_request"
    ADMINISTRATIVE = "administrative"
    RESTRICTED = "restricted"


class Scale(IntEnum):
    """Of impact and of urgency."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Priority(IntEnum):
    LOW = 1
    NORMAL = 2
    HIGH = 3
    CRITICAL = 4


class Direction(StrEnum):
    INBOUND = "in"
    OUTBOUND = "out"


class Author(StrEnum):
    REQUESTER = "requester"
    OTHER_SENDER = "other_sender"
    AGENT = "agent"
    SYSTEM = "system"


class Held(StrEnum):
    """A message of somebody who is no participant waits for an agent."""

    NO = ""
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class NumberSource(StrEnum):
    """How the desk knows the number of a caller; a telephone shows whatever it is told."""

    SHOWN = "shown"  # by the telephone
    SAID = "said"  # by the caller


class Disposition(StrEnum):
    """How a call ended."""

    SOLVED = "solved"
    TICKET_OPENED = "ticket_opened"
    ADDED = "added"  # to a ticket that was there
    CALLBACK = "callback"  # we promised to call back
    IN_WRITING = "in_writing"  # the caller was asked to write
    BROKEN_OFF = "broken_off"
    WRONG_NUMBER = "wrong_number"
    NUISANCE = "nuisance"
    PRESSURE = "pressure"  # somebody pushed: holds critical actions of the account


class Metric(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"


class AskKind(StrEnum):
    """What answers a thing asked of the customer."""

    TEXT = "text"  # words, or a file
    FILE = "file"
    DONE = "done"  # a tick


class SenderList(StrEnum):
    BLOCK = "block"
    ALLOW = "allow"


class BulkAction(StrEnum):
    ASSIGN = "assign"
    QUEUE = "queue"
    STATUS = "status"
    TAG = "tag"
    SPAM = "spam"


TAG_COLOURS = ("a", "b", "c", "d", "e")  # classes of static/css/desk.css: they tell tags apart and mean nothing


class FieldKind(StrEnum):
    """What a field of the desk's own holds; it never changes, or what was filled in could not be read."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
