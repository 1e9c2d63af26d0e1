"""Priority is computed, never chosen: the ITIL matrix of impact and urgency."""

from tickets.enums import Priority, Scale

_MATRIX = {
    # urgency:        low               medium            high
    Scale.LOW: (Priority.LOW, Priority.NORMAL, Priority.HIGH),
    Scale.MEDIUM: (Priority.NORMAL, Priority.NORMAL, Priority.HIGH),
    Scale.HIGH: (Priority.NORMAL, Priority.HIGH, Priority.CRITICAL),
}


def priority_of(impact: Scale, urgency: Scale) -> Priority:
    return _MATRIX[impact][urgency - 1]
