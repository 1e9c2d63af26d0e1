"""Every address prefix accepts sessions of one realm (docs/architecture.md)."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from core.clock import now as read_clock
from customers.queries import customer_of
from users import sessions
from users.models import Realm
from web.shared.forms import were_files_too_large

REALMS = {"/desk/": Realm.DESK, "/setup/": Realm.DESK, "/panel/": Realm.PANEL}
SIGN_IN = {Realm.DESK: "/desk/login/", Realm.PANEL: "/panel/login/"}
SESSION_KEY = "realm"


def realm_of(path: str) -> Realm | None:
    return next((realm for prefix, realm in REALMS.items() if path.startswith(prefix)), None)


class SignInMiddleware(LoginRequiredMiddleware):
    """Each realm has a page of its own to sign in on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        realm = realm_of(request.path)
        if realm is Realm.PANEL:
            return redirect_to_login(request.get_full_path(), SIGN_IN[realm])
        return super().handle_no_permission(request, view_func)


class UnstorableMiddleware:
    """A NUL, which no browser lets anybody type and no text of PostgreSQL holds: pages that take words tell it at the
    field, and where none is expected the answer says it, instead of being a fault of ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        given = (value for form in (request.GET, request.POST) for _name, values in form.lists() for value in values)
        if isinstance(exception, (ValueError, DataError)) and any("\0" in value for value in given):
            return render(request, "shared/unstorable.html", status=400)
        return None


class TooLargeMiddleware:
    """A view that knows nothing of forms larger than can be taken is not given the rest of one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if were_files_too_large(request) and not getattr(view, "keeps_words", False):
            return render(request, "shared/too_large.html", status=413)
        return None


class RealmMiddleware:
    """Gives `request.actor` to the pages of the desk, `request.customer` to those of the panel, and turns everybody
    else away to the sign-in page of the realm.

    Stands behind `SignInMiddleware`, whose open views stay open here too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        realm = realm_of(request.path)
        if realm is None:
            return None
        if request.session.get(SESSION_KEY) != realm or not _known(request, realm):
            return redirect_to_login(request.get_full_path(), SIGN_IN[realm])
        sessions.seen(
            str(request.session.session_key),
            user_id=request.user.pk or 0,
            realm=realm,
            user_agent=request.headers.get("User-Agent", ""),
            address=request.META.get("REMOTE_ADDR"),
            now=read_clock(),
        )
        _use_zone(request.user.time_zone)  # type: ignore[union-attr]
        return None


def _known(request: HttpRequest, realm: Realm) -> bool:
    """Whether this user is one of the realm's people; the pages find him under the realm's name."""
    if realm is Realm.DESK:
        staff = getattr(request.user, "staff", None)
        if staff is None:
            return False
        request.actor = staff.actor(getattr(request.user, "staff_teams", None))  # type: ignore[attr-defined]
        return True
    customer = customer_of(request.user.pk or 0)
    request.customer = customer  # type: ignore[attr-defined]
    return customer is not None


def _use_zone(name: str) -> None:
    if name:
        try:
            timezone.activate(zoneinfo.ZoneInfo(name))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()  # a zone this machine does not know: the installation's
