"""Pieces of pages kept in memory, each under all the values it shows: it can be forgotten, never be out of date."""

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT = 2000  # rows of 3 KB, messages of 30 KB at most


def fragment(template: str, **values: Hashable) -> SafeString:
    """The template rendered with these values and nothing else: no request, no user, no clock.

    The key is the values themselves, the language and the time zone. Say what differs between readers as a value.
    """
    return rendered(template, tuple(values.items()), *here())


def here() -> tuple[str, str]:
    """The language and the time zone of this page."""
    return get_language() or "", timezone.get_current_timezone_name()


@lru_cache(maxsize=KEPT)
def rendered(template: str, values: tuple[tuple[str, Hashable], ...], language: str, zone: str) -> SafeString:
    return mark_safe(get_template(template).render(dict(values)))  # noqa: S308 - rendered just here
