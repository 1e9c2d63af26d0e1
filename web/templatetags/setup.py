"""The navigation of /setup/."""

from typing import Any

from django import template
from django.template import Context

from web.setup import words
from web.setup.pages import PAGES, SetupPage

register = template.Library()


@register.simple_tag(takes_context=True)
def setup_pages(context: Context) -> list[dict[str, Any]]:
    """Current is the page whose address begins the name of the one shown: `people` of `people_new`."""
    match = context["request"].resolver_match
    shown = match.url_name if match else ""
    return [
        {
            "address": address(page),
            "title": page.title,
            "icon": page.icon,
            "is_current": shown == page.name or shown.startswith(page.name + "_"),
        }
        for page in PAGES
        if context["request"].actor.may(page.perm)
    ]


@register.filter
def role_word(role: str) -> str:
    return str(words.ROLES[role][0])


@register.filter
def named(slugs: tuple[str, ...], names: dict[str, str]) -> str:
    return ", ".join(names.get(slug, slug) for slug in slugs)


@register.filter
def address(page: SetupPage) -> str:
    return f"setup:{page.name}"
