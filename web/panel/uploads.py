"""Files that came with a form of the panel."""

from django.http import HttpRequest

from tickets.contracts import StoredFile
from tickets.services.refused import Refused
from tickets.services.uploads import MOST_UPLOAD_BYTES, stored

MOST_FILES = 20


def files_of(request: HttpRequest, name: str = "files") -> tuple[StoredFile, ...]:
    """Stored already. Raises `Refused("too_large")` where all of the form together are more than 25 MB."""
    together = [file for _name, files in request.FILES.lists() for file in files[:MOST_FILES]]
    if sum(file.size or 0 for file in together) > MOST_UPLOAD_BYTES:
        raise Refused("too_large")
    return tuple(stored(file.name or "file", file.read()) for file in request.FILES.getlist(name)[:MOST_FILES])
