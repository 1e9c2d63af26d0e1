"""Customers as a file: for a reason, with a fresh second factor, into the journal."""

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from core.spreadsheets import as_csv
from customers import import_words as words
from customers.policies.columns import ImportKind
from customers.services import exporting
from web.setup.access import for_administrators
from web.shared.proof import asked, has_devices, proves, wrong
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    return _page(request)


@sensitive_post_parameters("code", "passkey")
@require_POST
@for_administrators
def files(request: DeskRequest) -> HttpResponseBase:
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "").strip()
    errors = {}
    if kind not in set(ImportKind):
        errors["kind"] = _("Choose what the file is to hold.")
    if not reason:
        errors["reason"] = _("Say what the file is for.")
    # A code counts once: it is asked last, so that another fault does not use it up.
    if not errors and has_devices(request.user) and not proves(request, request.user):
        errors["code"] = wrong(request, request.user)
    if errors:
        return _page(request, errors=errors, status=409)
    now = read_clock()
    exporting.record(ImportKind(kind), reason=reason, by=request.actor, now=now)
    response = StreamingHttpResponse(as_csv(exporting.rows(ImportKind(kind))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}-{now:%Y-%m-%d}.csv"'
    return response


def _page(request: DeskRequest, *, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    context = {
        "kinds": words.KINDS.items(),
        "kind": request.POST.get("kind", ""),
        "reason": request.POST.get("reason", ""),
        "most_reason": exporting.MOST_REASON,
        "factor": asked(request, request.user),
        "errors": errors or {},
    }
    return render(request, "setup/export.html", context, status=status)
