"""Pieces of pages kept in memory, each under all the values it shows: it can be forgotten, never be out of date."""

import secrets
from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Stands where the reader's CSRF token belongs. Nobody can know it, so nobody can write it into a letter to be
# given the token of whoever reads that.
TOKEN = secrets.token_hex(16)
KEPT = 2000  # rows of 3 KB, messages of 30 KB at most


def fragment(template: str, **values: Hashable) -> SafeString:
    """The template rendered with these values and nothing else: no request, no user, no clock.

    The key is the values themselves, the language and the time zone. Say what differs between readers as a value.
    Forms hold `TOKEN` where the reader's own CSRF token belongs.
    """
    return rendered(template, tuple(values.items()), *here())


def here() -> tuple[str, str]:
    """The language and the time zone of this page."""
    return get_language() or "", timezone.get_current_timezone_name()


@lru_cache(maxsize=KEPT)
def rendered(template: str, values: tuple[tuple[str, Hashable], ...], language: str, zone: str) -> SafeString:
    return mark_safe(get_template(template).render({"csrf_token": TOKEN, **dict(values)}))  # noqa: S308 - rendered just here
