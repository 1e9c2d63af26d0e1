"""Where the next page begins: after the row with this moment and id. Opaque text for an address."""

import base64
import json
from datetime import datetime


def place_after(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), pk]).encode()).decode()


def place_of(text: str) -> tuple[datetime, int] | None:
    """A damaged cursor is the first page: it came from an address bar."""
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(text))
        place = datetime.fromisoformat(at), int(pk)
    except (ValueError, TypeError, OverflowError):
        return None
    return place if place[0].tzinfo and 0 <= place[1] < 2**63 else None
