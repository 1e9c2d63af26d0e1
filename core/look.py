"""How this desk looks to everybody: its name, logo and accent. Empty values are our own."""

from dataclasses import dataclass

from django.db import connection

from core import prepared
from core.models import Look as Row

_CURRENT = "SELECT name, accent, logo_digest, is_logo_in_letters FROM core_look ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Look:
    """`logo` is the digest its file has in its address; it stands on top of letters where that is wanted."""

    name: str = ""
    accent: str = ""
    logo: str = ""
    is_logo_in_letters: bool = False


def current() -> Look:
    """One query, by hand: every page and every letter asks it."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, _CURRENT)
        row = cursor.fetchone()
    return Look(*row) if row else Look()


def logo(digest: str) -> bytes | None:
    """The PNG of that digest, if it is the logo of today."""
    row = Row.objects.filter(logo_digest=digest).exclude(logo_digest="").values_list("logo", flat=True).first()
    return bytes(row) if row else None
