"""The automatic texts for the page that changes them."""

from dataclasses import dataclass
from datetime import datetime

from events.models import Event
from tickets.event_types import AutomaticTextChanged

CHANGES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TextChange:
    at: datetime
    actor: str  # Actor.key
    text: str  # "": back to the default


def text_history(name: str, language: str) -> list[TextChange]:
    """The last changes, newest first. One query."""
    stream = AutomaticTextChanged(name=name, language=language).stream
    found = Event.objects.filter(stream=stream).select_related("payload").order_by("-sequence")[:CHANGES_SHOWN]
    return [TextChange(event.at, event.actor, event.payload.data.get("text", "")) for event in found]
