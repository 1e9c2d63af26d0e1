"""Mail that waits for a person: what could not be read, and what limits held back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from channels_app import intake
from channels_app import queries as doors
from core.clock import now as read_clock
from staff.roles import Perm
from web.shared.requests import DeskRequest


@require_safe
def quarantine(request: DeskRequest) -> HttpResponse:
    _require_right(request)
    return render(request, "desk/quarantine.html", {"letters": doors.quarantine(), "section": "quarantine"})


@require_POST
def release(request: DeskRequest, public_id: str) -> HttpResponse:
    _require_right(request)
    intake.release(public_id, by=request.actor.key, now=read_clock())
    messages.success(request, _("Released: it becomes a ticket in a moment."))
    return redirect("desk:quarantine")


@require_POST
def dismiss(request: DeskRequest, public_id: str) -> HttpResponse:
    _require_right(request)
    intake.dismiss(public_id, by=request.actor.key, now=read_clock())
    messages.success(request, _("Dismissed. The original is kept."))
    return redirect("desk:quarantine")


def _require_right(request: DeskRequest) -> None:
    if not request.actor.may(Perm.HANDLE_QUARANTINE):
        raise PermissionDenied
