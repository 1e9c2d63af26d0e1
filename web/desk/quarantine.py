"""Mail that waits for a person: what could not be read, and what limits held back."""

from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from channels_app import intake
from channels_app import queries as doors
from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from web.desk import words
from web.shared.requests import DeskRequest


@require_safe
@never_cache
def quarantine(request: DeskRequest) -> HttpResponse:
    """`X-Region: held` gives the list alone."""
    require_right(request)
    letters = [replace(row, subject=readable(row.subject), sender=readable(row.sender)) for row in doors.quarantine()]
    is_russian = (get_language() or "").startswith("ru")
    names = {each.slug: each.name_ru if is_russian else each.name_en for each in queries.queues(request.actor)}
    context = {
        "letters": [(row, names.get(row.queue, "")) for row in letters],
        "quarantined": len(letters),
        "section": "quarantine",
    }
    template = "desk/parts/held.html" if request.headers.get("X-Region") else "desk/quarantine.html"
    return render(request, template, context)


def readable(header: str) -> str:
    """A mail that could not be parsed is known by its raw header lines."""
    try:
        return str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, ValueError):
        return header


@require_POST
def release(request: DeskRequest, public_id: UUID) -> HttpResponse:
    require_right(request)
    if intake.release(public_id, by=request.actor.key, now=read_clock()):
        messages.success(request, _("Released: it becomes a ticket in a moment."))
    else:
        messages.error(request, words.word(words.REFUSALS, "already_decided"))
    return redirect("desk:quarantine")


@require_POST
def dismiss(request: DeskRequest, public_id: UUID) -> HttpResponse:
    require_right(request)
    if intake.dismiss(public_id, by=request.actor.key, now=read_clock()):
        messages.success(request, _("Dismissed. The original is kept."))
    else:
        messages.error(request, words.word(words.REFUSALS, "already_decided"))
    return redirect("desk:quarantine")


def require_right(request: DeskRequest) -> None:
    if not request.actor.may(Perm.HANDLE_QUARANTINE):
        raise PermissionDenied
