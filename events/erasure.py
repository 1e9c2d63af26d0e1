"""Forgetting what the law wants forgotten: payloads go, their links stay, and the journal says so itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import Cast

from events import outbox
from events.event import DomainEvent
from events.models import EventPayload


@dataclass(frozen=True, kw_only=True)
class PayloadErased(DomainEvent):
    """The tombstone: it stands in the journal whose payloads it tells of."""

    of: str  # stream
    sequences: tuple[int, ...]
    reason: str  # a code, never a person's words

    @property
    def stream(self) -> str:
        return self.of

    @property
    def topics(self) -> tuple[str, ...]:
        return ()


def erase(stream: str, *, types: Collection[str], reason: str, by: str, now: datetime, holding: str = "") -> int:
    """Payloads of these types of event in one stream, or only those in which a pattern is found.

    How many went; runs in the caller's transaction.
    """
    gone = EventPayload.objects.filter(event__stream=stream, event__type__in=types)
    if holding:
        gone = gone.alias(words=Cast("data", TextField())).filter(words__iregex=holding)
    sequences = tuple(gone.order_by("event__sequence").values_list("event__sequence", flat=True))
    if sequences:
        gone.delete()
        outbox.record(PayloadErased(of=stream, sequences=sequences, reason=reason), by=by, now=now)
    return len(sequences)
