"""What the rules of retention leave at some moment, as the work of beat does it."""

from datetime import datetime

from privacy import retention


def gone_by(now: datetime) -> None:
    """Every rule has been set long enough to be in force."""
    retention.destroy_old(now - retention.RESTS)
    retention.destroy_old(now)
