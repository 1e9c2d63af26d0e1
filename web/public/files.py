"""Files that come with a form of a visitor: stored at once, so that a wrong field elsewhere loses none."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from channels_app import web_form
from core import limits as counts
from web.public import limits
from web.shared.forms import were_files_too_large
from web.shared.visitors import network_of

MOST_TOGETHER_BYTES = 25 * limits.MEGABYTE


def keep(request: HttpRequest, request_id: UUID, *, now: datetime) -> str:
    """Stores what came and forgets what was unticked. Why not, in words; "" when all is well."""
    if were_files_too_large(request):
        return _("The files are too large: at most 25 MB together.")
    web_form.drop_files(request_id, but=set(request.POST.getlist("kept")))
    kept, new = web_form.files_of(request_id), request.FILES.getlist("files")
    coming = sum(file.size or 0 for file in new)
    if len(kept) + len(new) > web_form.MOST_FILES:
        return _("At most %(most)s files.") % {"most": web_form.MOST_FILES}
    if sum(file.size_bytes for file in kept) + coming > MOST_TOGETHER_BYTES:
        return _("The files are too large: at most 25 MB together.")
    if coming and counts.take(
        (limits.FILES_NETWORK_DAY, network_of(request)), (limits.FILES_ALL_DAY, "everybody"), now=now, amount=coming
    ):
        return _("No more files can be taken today. Send it without them.")
    for file in new:
        web_form.keep_file(request_id, file.name or "", file.read(), now=now)
    return ""
