"""Files that came with a form of the panel."""

from django.http import HttpRequest

from tickets.contracts import StoredFile
from tickets.services.refused import Refused
from tickets.services.uploads import MOST_UPLOAD_BYTES, stored

MOST_FILES = 20


def files_of(request: HttpRequest) -> tuple[StoredFile, ...]:
    """Stored already. Raises `Refused("too_large")` where all together are more than 25 MB."""
    files = request.FILES.getlist("files")[:MOST_FILES]
    if sum(file.size or 0 for file in files) > MOST_UPLOAD_BYTES:
        raise Refused("too_large")
    return tuple(stored(file.name or "file", file.read()) for file in files)
