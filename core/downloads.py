"""Stored bytes as a download: nothing that somebody sent is ever opened as a page of ours."""

import mimetypes

from django.http import FileResponse

from core import blobs

# Drawn by the browser without running anything; SVG is a document and never among them.
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


def download(digest: str, *, filename: str, content_type: str, inline: bool = False) -> FileResponse:
    """A stream. Raises FileNotFoundError when the bytes are gone."""
    is_image = content_type in IMAGES
    response = FileResponse(
        blobs.open_blob(digest),
        as_attachment=not (inline and is_image),
        filename=filename,
        content_type=content_type if is_image else _safe(content_type),
    )
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"  # also on a computer that others use
    return response


def _safe(content_type: str) -> str:
    is_known = mimetypes.guess_extension(content_type) is not None
    is_active = "html" in content_type or "xml" in content_type or "svg" in content_type
    return content_type if is_known and not is_active else "application/octet-stream"
