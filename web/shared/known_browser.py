"""The cookie by which a browser is known for whoever has signed in there (users/known_browsers.py)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.clock import now as read_clock
from users import known_browsers
from users.models import User


def marks(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "")


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """He has signed in here whole, or has come by a link mailed to him."""
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        known_browsers.with_mark(marks(request), user, now=read_clock()),
        max_age=known_browsers.LIVES,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
