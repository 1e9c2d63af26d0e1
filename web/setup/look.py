"""Name, logo and accent of the desk."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import png
from core.clock import now as read_clock
from core.look import current
from staff.services import look as service
from web.setup import words
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def look(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        known = current()
        typed = {"name": known.name, "accent": known.accent, "logo_in_letters": known.is_logo_in_letters}
        return render(request, "setup/look.html", {"typed": typed})
    given, file = request.POST, request.FILES.get("logo")
    name, accent = given.get("name", ""), given.get("offered") or given.get("accent", "")
    logo_in_letters = "logo_in_letters" in given
    try:
        service.change(
            name,
            accent,
            logo_in_letters=logo_in_letters,
            logo=file.read(png.MAX_BYTES + 1) if file else None,
            drops_logo="drops_logo" in given,
            by=request.actor.key,
            now=read_clock(),
        )
    except service.Refused as refused:
        typed = {"name": name, "accent": accent, "logo_in_letters": logo_in_letters}
        errors = {field: words.LOOK[code] for field, code in refused.problems.items()}
        return render(
            request, "setup/look.html", {"typed": typed, "errors": errors, "offer": refused.offer}, status=422
        )
    messages.success(request, _("Saved. This is how the desk looks now."))
    return redirect("setup:look")
