"""For load balancers and people on duty. Neither page says anything about customers."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core.clock import now
from events import bookkeeping
from ops import health


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Touches nothing: the process answers, that is all."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    state = health.look(now=now())
    return JsonResponse(state.as_json(), status=200 if state.is_ready else 503)


@login_not_required
@require_safe
def deep(request: HttpRequest) -> JsonResponse:
    """503 as long as one of the books is red. For the monitoring, not for load balancers: the desk does serve."""
    books = bookkeeping.entries(now=now())
    told = {
        entry.name: {
            "red": entry.is_red,
            "count": entry.count,
            "since": entry.red_since,
            "checked_at": entry.checked_at,
        }
        for entry in books
    }
    return JsonResponse({"books": told}, status=503 if any(entry.is_red for entry in books) else 200)
