"""Small parts of the pages for visitors."""

from functools import lru_cache

from django import template
from django.urls import Resolver404, resolve

register = template.Library()
PANEL = "/panel/"


@register.simple_tag
@lru_cache(maxsize=1)
def panel_url() -> str:
    """Where customers sign in; "" where this desk has no control panel."""
    try:
        resolve(PANEL)
    except Resolver404:
        return ""
    return PANEL


@register.filter
def of(values: dict[str, object], name: str) -> object:
    """The value under a name that only the page knows."""
    return values.get(name, "")
