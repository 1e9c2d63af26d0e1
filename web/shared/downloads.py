"""Stored files as answers: nothing a stranger sent is ever opened as a page of ours."""

import mimetypes

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from core import blobs
from tickets.queries import FileView

# Drawn by the browser without running anything; SVG is a document and never among them.
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


def serve(file: FileView, *, inline: bool) -> HttpResponseBase:
    """The stored bytes as a stream."""
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
