"""What must hold before anything starts. Each error names the setting and its cure; `manage.py doctor` looks deeper."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from channels_app import way_out

SHORTEST_SECRET = 50


@register(Tags.security)
def settings_are_safe(**_: Any) -> list[CheckMessage]:
    return list(_addresses()) + ([] if settings.DEMO else list(_production()))


def _addresses() -> Iterable[CheckMessage]:
    for name in ("SITE_URL", "FILES_URL"):
        value = getattr(settings, name)
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path):
            yield Error(
                f"{name} is {value!r}", hint=f"{name}=https://desk.example.com, without a path", id="helpdesk.E001"
            )


def _production() -> Iterable[CheckMessage]:
    if urlsplit(settings.SITE_URL).scheme != "https":
        yield Error(
            f"SITE_URL is {settings.SITE_URL}: sessions would travel in the clear",
            hint="put a TLS proxy in front and set SITE_URL=https://...",
            id="helpdesk.E002",
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield Error(
            f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters",
            hint="python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
            id="helpdesk.E003",
        )
    if settings.EMAIL_URL and way_out.in_force().relay is None:
        yield Error(
            "EMAIL_URL is not readable",
            hint="EMAIL_URL=smtp://user:password@relay:587?tls=1, or empty and the relay named in /setup/relay/",
            id="helpdesk.E004",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS is *: anybody's host name is believed", hint="name your hosts", id="helpdesk.E005")


@register(Tags.database)
def database_sees_cyrillic(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Runs with `migrate`, where a database may be asked. A wrong LC_CTYPE makes trigram search silently blind."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('Ё') = 'ё', EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')")
        is_lowered, has_trigrams = cursor.fetchone()
        if has_trigrams:
            cursor.execute("SELECT similarity('обращение', 'обрашение') > 0.5")
            is_lowered = is_lowered and cursor.fetchone()[0]
    if is_lowered:
        return []
    return [
        Error(
            "DATABASE_URL names a database that does not know Cyrillic letters",
            hint="create it with LC_CTYPE C.UTF-8 or ru_RU.UTF-8",
            id="helpdesk.E006",
        )
    ]
