"""Every address prefix accepts sessions of one realm (docs/architecture.md)."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.clock import now as read_clock
from users import sessions
from users.models import Realm

REALMS = {"/desk/": Realm.DESK, "/setup/": Realm.DESK}
SESSION_KEY = "realm"


class RealmMiddleware:
    """Gives `request.actor` to the pages of the desk and turns everybody else away to the sign-in page.

    Stands behind `LoginRequiredMiddleware`, whose open views stay open here too.
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
        realm = next((realm for prefix, realm in REALMS.items() if request.path.startswith(prefix)), None)
        if realm is None:
            return None
        staff = getattr(request.user, "staff", None)
        if staff is None or request.session.get(SESSION_KEY) != realm:
            return redirect_to_login(request.get_full_path())
        request.actor = staff.actor(getattr(request.user, "staff_teams", None))  # type: ignore[attr-defined]
        sessions.seen(
            str(request.session.session_key),
            user_id=staff.user_id,
            realm=realm,
            user_agent=request.headers.get("User-Agent", ""),
            address=request.META.get("REMOTE_ADDR"),
            now=read_clock(),
        )
        _use_zone(request.user.time_zone)  # type: ignore[union-attr]
        return None


def _use_zone(name: str) -> None:
    if name:
        try:
            timezone.activate(zoneinfo.ZoneInfo(name))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()  # a zone this machine does not know: the installation's
