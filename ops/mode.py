"""Demo or real: written into the database at first start, and never changed."""

from django.conf import settings

from core.models import Installation

_SETTING = "helpdesk: setting HELPDESK_DEMO:"


def settle() -> None:
    """Remember what this installation is, or refuse to start it as the other."""
    row, _ = Installation.objects.get_or_create(id=1, defaults={"is_demo": settings.DEMO})
    if row.is_demo and not settings.DEMO:
        raise SystemExit(f"{_SETTING} this database holds the demo company and its public passwords; use another")
    if settings.DEMO and not row.is_demo:
        raise SystemExit(f"{_SETTING} this database is a real desk's; demo data will not be written into it")
