"""Pages for what went wrong before a view was reached."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Typically a form opened before signing in again in another tab: what was typed is given back."""
    typed = request.POST.get("text", "")
    return render(request, "shared/csrf.html", {"typed": typed}, status=403)


@login_not_required
@require_safe
def too_large(request: HttpRequest) -> HttpResponse:
    """Asked for by `helpdesk.body` in place of what was too large to be read."""
    return render(request, "shared/too_large.html", status=413)
