"""The lists of blocked and allowed senders, as their page shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from tickets.models import SenderRule

MOST = 500


@dataclass(frozen=True, slots=True)
class SenderRuleView:
    id: int
    list: str
    value: str
    reason: str
    author: str
    made_at: datetime
    expires_at: datetime | None
    hits: int


def sender_rules(*, now: datetime) -> list[SenderRuleView]:
    """Those in force, the newest first, five hundred at most."""
    standing = SenderRule.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), removed_at=None)
    rows = standing.order_by("-id").values(
        "id", "list", "value", "reason", "made_at", "expires_at", "hits", author=F("staff__name")
    )
    return [SenderRuleView(**row) for row in rows[:MOST]]
