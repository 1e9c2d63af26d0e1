"""Stored files as answers, or the word that one is missing."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from core.downloads import download
from tickets.queries import FileView


def serve(file: FileView, *, inline: bool) -> HttpResponseBase:
    """The stored bytes as a stream."""
    if not file.digest:
        return HttpResponse(_("It is gone: what customers give away is wiped once their ticket is done."), status=410)
    try:
        return download(file.digest, filename=file.filename, content_type=file.content_type, inline=inline)
    except FileNotFoundError:
        return HttpResponse(_("The file is missing from the storage. Tell your administrator."), status=410)
