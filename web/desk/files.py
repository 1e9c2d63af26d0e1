"""Attachments out and in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets import queries
from tickets.services import conversation
from web.desk import words
from web.desk.numbers import digits
from web.desk.writing import add_upload
from web.shared.downloads import serve
from web.shared.requests import DeskRequest


@require_safe
def download(request: DeskRequest, public_id: UUID) -> HttpResponseBase:
    return serve(queries.attachment(request.actor, str(public_id)), inline=False)


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
