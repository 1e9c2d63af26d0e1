"""Colour and logo as files: their addresses change with what is in them, so browsers keep them for good."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import colours as rules
from core import look

P = ParamSpec("P")
_TOKENS = {
    "--accent": "text",
    "--accent-fill": "fill",
    "--accent-fill-hover": "fill_hover",
    "--accent-soft": "soft",
    "--accent-line": "line",
    "--mine": "soft",
    "--focus": "text",
}


def _for_good(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @require_safe
    @login_not_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return wrapper


@_for_good
def colours(request: HttpRequest, accent: str) -> HttpResponse:
    """The tokens of static/tokens.css made from one accent, light and dark. Asks no database."""
    colour = rules.normal(accent)
    if colour != f"#{accent}" or not rules.is_allowed(colour):
        raise Http404
    light, dark = rules.shades(colour)
    lines = (f"{token}:light-dark({getattr(light, of)},{getattr(dark, of)})" for token, of in _TOKENS.items())
    return HttpResponse(f":root{{{';'.join(lines)}}}", content_type="text/css; charset=utf-8")


@_for_good
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    picture = look.logo(digest)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/png")
