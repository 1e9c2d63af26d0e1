"""Attachments out and in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import now as read_clock
from tickets import queries
from tickets.numbers import pretty
from tickets.services import conversation, secrets
from web.desk import words
from web.desk.numbers import digits
from web.desk.writing import add_upload
from web.shared.downloads import serve
from web.shared.requests import DeskRequest


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: DeskRequest, public_id: UUID) -> HttpResponseBase:
    file = queries.attachment(request.actor, str(public_id))
    return _secret(request, public_id, file) if file.is_secret else serve(file, inline=False)


@never_cache
def _secret(request: DeskRequest, public_id: UUID, file: queries.FileView) -> HttpResponseBase:
    if request.method == "POST":
        return serve(secrets.open_file(request.actor, public_id, now=read_clock()), inline=False)
    number = secrets.number_of_file(request.actor, public_id)
    return render(
        request, "desk/secret.html", {"number": number, "pretty_number": pretty(number), "filename": file.filename}
    )


@require_POST
def uploads(request: DeskRequest, number: str | None = None) -> HttpResponse:
    """Dropped or pasted files, one or several in `files`. Without a number: for a ticket to be begun."""
    number = number and digits(number)
    if not request.FILES.getlist("files"):
        return JsonResponse({"code": "malformed"}, status=400)
    try:
        added = [
            {"public_id": add_upload(request, number, file), "filename": file.name, "size_bytes": file.size}
            for file in request.FILES.getlist("files")
        ]
    except conversation.Refused as refusal:
        return JsonResponse({"code": refusal.code, "words": words.word(words.REFUSALS, refusal.code)}, status=409)
    return JsonResponse({"uploads": added})


@require_POST
def removal(request: DeskRequest, public_id: UUID, number: str | None = None) -> HttpResponse:
    number = number and digits(number)
    conversation.remove_upload(number, public_id=str(public_id), by=request.actor)
    if request.headers.get("X-Region"):
        return JsonResponse({})
    messages.success(request, _("File removed."))
    return redirect("desk:ticket", number) if number else redirect("desk:new_ticket")
