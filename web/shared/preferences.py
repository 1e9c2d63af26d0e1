"""Language, theme and keys: cookies, so that they hold before anybody signs in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

YEAR_SECONDS = 365 * 86400
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
KEYS_COOKIE = "keys"


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where the form asked to return to, if that is a path of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_path = target.startswith("/") and "\0" not in target
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_path and is_ours else default


def remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@require_POST
@login_not_required
def language(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(safe_next(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        remember_language(response, chosen)
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
    return response


@require_POST
@login_not_required
def theme(request: HttpRequest) -> HttpResponse:
    """The way without JavaScript; with it static/js/theme.js writes the same cookie."""
    response = HttpResponseRedirect(safe_next(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


@require_POST
@login_not_required
def keys(request: HttpRequest) -> HttpResponse:
    """Keys of one letter can be switched off (WCAG 2.1.4)."""
    response = HttpResponseRedirect(safe_next(request))
    chosen = request.POST.get("keys", "")
    if chosen in ("on", "off"):
        response.set_cookie(
            KEYS_COOKIE, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response
