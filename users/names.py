"""The names somebody signs in with: his address and his login."""

from django.db.models import QuerySet

from users.models import User

MOST = 255  # characters that count


def one_writing(typed: str) -> str:
    """The same for all that find the same person, and no longer than a row holds. Pure."""
    return typed.replace("\0", "").strip().upper().lower()[:MOST]


def named(typed: str) -> QuerySet[User]:
    """Whoever signs in by this name: one, or nobody."""
    name = typed.strip().lower()
    if "\0" in name:
        return User.objects.none()  # nobody's, and no text for PostgreSQL
    return User.objects.filter(**{"email" if "@" in name else "login__iexact": name})
