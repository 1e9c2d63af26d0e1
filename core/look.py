"""How this desk looks to everybody: its name, logo and accent. Empty values are our own."""

from dataclasses import dataclass

from core.models import Look as Row


@dataclass(frozen=True, slots=True)
class Look:
    """`logo` is the digest its file has in its address; it stands on top of letters where that is wanted."""

    name: str = ""
    accent: str = ""
    logo: str = ""
    is_logo_in_letters: bool = False


def current() -> Look:
    """One query."""
    row = Row.objects.values_list("name", "accent", "logo_digest", "is_logo_in_letters").first()
    return Look(*row) if row else Look()


def logo(digest: str) -> bytes | None:
    """The PNG of that digest, if it is the logo of today."""
    row = Row.objects.filter(logo_digest=digest).exclude(logo_digest="").values_list("logo", flat=True).first()
    return bytes(row) if row else None
