"""Reads of evidence for who may know what proves a request."""

from dataclasses import dataclass
from datetime import datetime

from assurance.models import Evidence
from assurance.policies.levels import EVIDENCE_LIFETIME


@dataclass(frozen=True, slots=True)
class EvidenceView:
    id: int
    kind: str
    level: int
    scope: str
    established_by: str
    at: datetime
    expires_at: datetime | None
    revokes: int | None


def evidence_of(ticket_id: int) -> list[EvidenceView]:
    """In the order in which it came, without the raw facts: they hold addresses. One query."""
    return [
        EvidenceView(
            row.pk, row.kind, row.level, row.scope, row.established_by, row.at,
            row.expires_at or (row.at + EVIDENCE_LIFETIME[row.kind] if row.kind in EVIDENCE_LIFETIME else None),
            row.revokes_id,
        )
        for row in Evidence.objects.filter(ticket_id=ticket_id).order_by("id")
    ]  # fmt: skip
