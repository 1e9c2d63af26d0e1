"""Tags: all of them on one page, and the form of one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from tickets import queries
from tickets.services import tagging
from tickets.services.refused import Refused
from web.setup.access import for_administrators
from web.setup.words import TAG_COLOURS
from web.shared.refusals import REFUSALS
from web.shared.requests import DeskRequest
from web.shared.words import word


@require_safe
@for_administrators
def tags(request: DeskRequest) -> HttpResponse:
    return render(request, "setup/tags.html", {"tags": queries.tags(with_retired=True)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def tag(request: DeskRequest, tag_id: int = 0) -> HttpResponse:
    """The form of a tag; of a new one without an id."""
    known = next((each for each in queries.tags(with_retired=True) if each.id == tag_id), None)
    if tag_id and known is None:
        raise Http404
    if request.method != "POST":
        typed = {"name": known.name, "colour": known.colour} if known else {"name": "", "colour": "a"}
        return _form(request, typed, known)
    typed = {field: request.POST.get(field, "") for field in ("name", "colour")}
    try:
        if known:
            tagging.rename(known.id, **typed, by=request.actor, now=read_clock())
        else:
            tagging.create(**typed, by=request.actor, now=read_clock())
    except Refused as refused:
        return _form(request, typed, known, refused)
    messages.success(request, _("Saved."))
    return redirect("setup:tags")


@require_POST
@for_administrators
def retire(request: DeskRequest, tag_id: int) -> HttpResponse:
    tagging.retire(tag_id, by=request.actor, now=read_clock())
    messages.success(request, _("Retired. It stays on the tickets that bear it."))
    return redirect("setup:tags")


@require_POST
@for_administrators
def bring_back(request: DeskRequest, tag_id: int) -> HttpResponse:
    tagging.bring_back(tag_id, by=request.actor, now=read_clock())
    messages.success(request, _("In use again."))
    return redirect("setup:tags")


def _form(
    request: DeskRequest, typed: dict[str, str], known: queries.TagView | None, refused: Refused | None = None
) -> HttpResponse:
    errors = {}
    if refused:
        errors["colour" if refused.code == "no_such_colour" else "name"] = word(REFUSALS, refused.code)
    context = {"typed": typed, "known": known, "errors": errors, "colours": TAG_COLOURS.items()}
    return render(request, "setup/tags_tag.html", context, status=400 if refused else 200)
