"""What a customer should not have written: behind a button, and whoever presses it stands in the journal."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.clock import now as read_clock
from tickets.numbers import pretty
from tickets.policies.secrets import SecretKind
from tickets.services import secrets
from web.shared.requests import DeskRequest


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def secret(request: DeskRequest, public_id: UUID, place: int) -> HttpResponse:
    number, kind = secrets.find(request.actor, public_id, place)
    shown = secrets.show(request.actor, public_id, place, now=read_clock()) if request.method == "POST" else None
    context = {
        "number": number,
        "pretty_number": pretty(number),
        "value": shown.reveal() if shown else "",
        "is_once": kind is SecretKind.ONCE,
        "is_gone": not kind or (request.method == "POST" and not shown),
    }
    return render(request, "desk/secret.html", context)
