"""What was changed at the mailboxes and at the way out, by the journal."""

from dataclasses import dataclass
from datetime import datetime

from channels_app.event_types import MailboxChanged, RelayChanged
from events.models import Event

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    actor: str  # Actor.key
    what: str
    fields: tuple[str, ...]  # names only: what stood in them is nobody's business later


def of_mailbox(slug: str) -> list[Change]:
    """The last changes, newest first. One query."""
    return _changes(MailboxChanged.__name__, channel=slug)


def of_relay() -> list[Change]:
    return _changes(RelayChanged.__name__)


def _changes(kind: str, **about: str) -> list[Change]:
    """Of the journal of settings, which grows with changes of settings and with nothing else."""
    found = Event.objects.filter(stream="system", type=kind, payload__data__contains=about)
    return [
        Change(event.at, event.actor, event.payload.data["what"], tuple(event.payload.data.get("fields", ())))
        for event in found.select_related("payload").order_by("-sequence")[:SHOWN]
    ]
