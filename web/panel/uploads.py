"""Files that come with a form of the panel: stored at once, so that a wrong field elsewhere loses none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from channels_app import web_form
from channels_app.models import HeldFile
from tickets.contracts import StoredFile
from tickets.services.uploads import MOST_UPLOAD_BYTES
from web.shared.forms import were_files_too_large
from web.shared.requests import PanelRequest


def keep(request: PanelRequest, form: UUID, names: Sequence[str] = ("files",), *, now: datetime) -> str:
    """Stores what came in these fields and forgets what was unticked. Why not, in words; "" when all is well."""
    if were_files_too_large(request):
        return _("The files are larger than 25 MB together.")
    ticked = set(request.POST.getlist("kept"))
    for name in names:
        web_form.drop_files(_place(request, form, name), but=ticked)
    new = [(name, file) for name in names for file in request.FILES.getlist(name)]
    old = [file for name in names for file in kept(request, form, name)]
    if len(old) + len(new) > web_form.MOST_FILES:
        return _("At most %(most)s files.") % {"most": web_form.MOST_FILES}
    if sum(file.size_bytes for file in old) + sum(file.size or 0 for _name, file in new) > MOST_UPLOAD_BYTES:
        return _("The files are larger than 25 MB together.")
    for name, file in new:
        web_form.keep_file(_place(request, form, name), file.name or "", file.read(), now=now)
    return ""


def kept(request: PanelRequest, form: UUID, name: str = "files") -> list[HeldFile]:
    return web_form.files_of(_place(request, form, name))


def files_of(request: PanelRequest, form: UUID, name: str = "files") -> tuple[StoredFile, ...]:
    return tuple(StoredFile(f.filename, f.content_type, f.digest, f.size_bytes) for f in kept(request, form, name))


def gather(request: PanelRequest, form: UUID, names: Sequence[str]) -> None:
    """These fields stand in the form no longer: their files go to the one for all."""
    for name in names:
        web_form.move_files(_place(request, form, name), to=_place(request, form, "files"))


def sent(request: PanelRequest, form: UUID, names: Sequence[str] = ("files",)) -> None:
    """They are with the ticket now."""
    for name in names:
        web_form.drop_files(_place(request, form, name), but=set())


def _place(request: PanelRequest, form: UUID, name: str) -> UUID:
    """The form's id is known to its page alone; with the person in it nobody else's files come by it all the same."""
    return uuid5(form, f"{request.customer.key}/{name}")
