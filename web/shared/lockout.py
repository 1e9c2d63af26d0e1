"""What somebody reads after too many wrong passwords. The limit itself is django-axes' (helpdesk/settings.py)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


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
    response = render(request, "desk/login.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
