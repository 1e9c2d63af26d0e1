"""The signed mark of a page with a form: which request it opens, and when it was shown."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing

LASTS = timedelta(hours=24)
SOONEST = timedelta(seconds=3)  # nobody types three fields faster
_SALT = "request form"


@dataclass(frozen=True, slots=True)
class Stamp:
    request_id: UUID
    shown_at: datetime

    def is_too_fresh(self, now: datetime) -> bool:
        return now - self.shown_at < SOONEST

    def is_too_old(self, now: datetime) -> bool:
        return now - self.shown_at > LASTS


def made(request_id: UUID, *, now: datetime) -> str:
    return signing.dumps([request_id.hex, int(now.timestamp() * 1000)], salt=_SALT)


def read(text: str) -> Stamp | None:
    """None: not ours."""
    try:
        request_id, shown = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return Stamp(UUID(request_id), datetime.fromtimestamp(shown / 1000, UTC))
