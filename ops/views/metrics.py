"""For Prometheus: this machine, or whoever has the token. Nothing in it says anything about customers."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.clock import now
from ops import metrics


@login_not_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    if not _may_see(request):
        return HttpResponse("set METRICS_TOKEN and send it as a bearer token\n", status=403, content_type="text/plain")
    return HttpResponse(metrics.text(metrics.gather(now=now())), content_type=metrics.CONTENT_TYPE)


def _may_see(request: HttpRequest) -> bool:
    """With a token set, only with it. Without one from this machine, unless somebody forwarded the request."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
