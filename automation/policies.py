"""What somebody is told, by what happened. Whom an event concerns it says itself (tickets/policies/concern.py)."""

from enum import StrEnum


class Kind(StrEnum):
    ASSIGNED = "assigned"
    WROTE = "wrote"
    NOTED = "noted"
    FAILED = "failed"


KIND_OF = {
    "AssigneeChanged": Kind.ASSIGNED,
    "MessageReceived": Kind.WROTE,
    "NoteAdded": Kind.NOTED,
    "ReplyDelivered": Kind.FAILED,
}
