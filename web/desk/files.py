"""Attachments out and in."""

import mimetypes
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import blobs
from tickets import queries
from tickets.queries import FileView
from tickets.services import conversation
from web.desk import words
from web.desk.numbers import digits
from web.desk.writing import add_upload
from web.shared.requests import DeskRequest

# Drawn by the browser without running anything; SVG is a document and never among them.
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


@require_safe
def download(request: DeskRequest, public_id: UUID) -> HttpResponseBase:
    return serve(queries.attachment(request.actor, str(public_id)), inline=False)


def serve(file: FileView, *, inline: bool) -> HttpResponseBase:
    """The stored bytes as a stream. Nothing a customer sent is ever opened as a page of ours."""
    try:
        content = blobs.open_blob(file.digest)
    except FileNotFoundError:
        return HttpResponse(_("The file is missing from the storage. Tell your administrator."), status=410)
    is_image = file.content_type in IMAGES
    response = FileResponse(
        content,
        as_attachment=not (inline and is_image),
        filename=file.filename,
        content_type=file.content_type if is_image else _download_type(file.content_type),
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _download_type(content_type: str) -> str:
    is_known = mimetypes.guess_extension(content_type) is not None
    is_active = "html" in content_type or "xml" in content_type or "svg" in content_type
    return content_type if is_known and not is_active else "application/octet-stream"


@require_POST
def uploads(request: DeskRequest, number: str) -> HttpResponse:
    """Dropped or pasted files, one or several in `files`."""
    number = digits(number)
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
def removal(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    conversation.remove_upload(digits(number), public_id=str(public_id), by=request.actor)
    if request.headers.get("X-Region"):
        return JsonResponse({})
    messages.success(request, _("File removed."))
    return redirect("desk:ticket", digits(number))
