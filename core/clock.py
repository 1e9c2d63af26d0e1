"""The one place that reads the clock. Edges call `now()` once and pass the value down."""

from datetime import UTC, datetime

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for "no such moment" where an index must order it last."""


def now() -> datetime:
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """For other programs, in the one form that leaves the desk: ISO 8601, UTC, with Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def zone_of(local: datetime, language: str) -> str:
    """The zone of a local time as its people write it: CET; MSK, in Russian МСК; UTC+10 where it has no name."""
    name = local.tzname() or ""
    if name == "MSK" and language.startswith("ru"):
        return "МСК"
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def dated(local: datetime, language: str) -> str:
    """`26.11.2026 18:44 MSK`, as customers read a time in letters and pages."""
    return f"{local:%d.%m.%Y %H:%M} {zone_of(local, language)}"
