"""When the door stays shut after wrong passwords, and what is read then. django-axes counts (helpdesk/settings.py)."""

import ipaddress
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from users.models import Realm
from web.shared.middleware import realm_of

MOST_FROM_ONE_ADDRESS = 100  # an office behind one address mistypes less within a quarter of an hour


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """In one writing for all that find the same person (users/backends.py), and no longer than a row holds."""
    typed: str = (credentials or {}).get("login") or request.POST.get("login", "")
    return typed.replace("\0", "").strip().upper().lower()[:255]


def address_of(request: HttpRequest) -> str | None:
    """Whoever has one address of an IPv6 network has all of them: they count as the network's first."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


class Handler(AxesDatabaseHandler):
    """A limit for one name from one address, which is axes' own, and one for an address that tries many names."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or self._failures_from(request) >= MOST_FROM_ONE_ADDRESS

    @staticmethod
    def _failures_from(request: HttpRequest) -> int:
        attempts = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined] # axes put it there
            attempt_time__gte=get_cool_off_threshold(request),
        )
        return attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {
        "typed_login": request.POST.get("login", ""),
        "next": request.POST.get("next", ""),
        "refusal": "locked_out",
        "minutes": minutes,
    }
    page = "panel/login.html" if realm_of(request.path) is Realm.PANEL else "desk/login.html"
    response = render(request, page, context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
