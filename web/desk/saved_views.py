"""Lists with a name: saving one, and the page where they are put in order."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.services import saved_views
from tickets.services.conversation import Refused
from web.desk import names, words
from web.desk.queue import filter_from, query_of
from web.shared.requests import DeskRequest


def views(request: DeskRequest) -> HttpResponse:
    return save(request) if request.method == "POST" else arrange(request)


@require_safe
@never_cache
def arrange(request: DeskRequest) -> HttpResponse:
    return _page(request)


def _page(request: DeskRequest, *, unnamed: UUID | None = None, refusal: str = "") -> HttpResponse:
    """`unnamed` is the list whose new name was refused."""
    if not request.actor.may(Perm.SEE_TICKETS):
        raise PermissionDenied
    shown = queries.saved_views(request.actor)
    is_russian = (get_language() or "").startswith("ru")
    queue_names = {each.slug: each.name_ru if is_russian else each.name_en for each in queries.every_queue()}
    removed = _uuid(request.GET.get("removed", ""))
    context = {
        "groups": [
            (title, [(view, _summary(view.query, queue_names)) for view in shown if view.is_shared == is_shared])
            for title, is_shared in ((_("Only mine"), False), (_("Everybody's"), True))
        ],
        "removed": removed,
        "removed_name": queries.removed_view(request.actor, removed) if removed else "",
        "unnamed": str(unnamed or ""),
        "typed": request.POST.get("name", "")[:60],
        "refusal": refusal,
    }
    return render(request, "desk/saved_views.html", context, status=409 if refusal else 200)


def save(request: DeskRequest) -> HttpResponse:
    """Back to the list, where a refusal stands beside its name."""
    query = query_of(filter_from(request.POST))
    try:
        saved_views.save(
            request.POST.get("name", ""),
            query,
            is_shared=bool(request.POST.get("is_shared")),
            by=request.actor,
            now=read_clock(),
        )
        messages.success(request, _("Saved: the list stands beside the others."))
    except Refused as refusal:
        query += "&" + urlencode({"unsaved": refusal.code, "name": request.POST.get("name", "")[:60]})
    return redirect(reverse("desk:queue") + "?" + query)


def _change(change: Callable[[DeskRequest, UUID], str | None]) -> Callable[[DeskRequest, UUID], HttpResponse]:
    """Runs one change and goes back to the page; `change` gives what the address says besides."""

    @require_POST
    @wraps(change)
    def wrapper(request: DeskRequest, public_id: UUID) -> HttpResponse:
        query = None
        try:
            query = change(request, public_id)
        except Refused as refusal:
            messages.error(request, words.word(words.REFUSALS, refusal.code))
        return redirect(reverse("desk:views") + (f"?{query}" if query else ""))

    return wrapper


@require_POST
def name(request: DeskRequest, public_id: UUID) -> HttpResponse:
    try:
        saved_views.rename(public_id, name=request.POST.get("name", ""), by=request.actor, now=read_clock())
    except Refused as refusal:
        return _page(request, unnamed=public_id, refusal=words.word(words.REFUSALS, refusal.code))
    messages.success(request, _("Renamed."))
    return redirect("desk:views")


@_change
def place(request: DeskRequest, public_id: UUID) -> str | None:
    saved_views.move(public_id, is_up=request.POST.get("to") == "up", by=request.actor, now=read_clock())
    return None


@_change
def removal(request: DeskRequest, public_id: UUID) -> str | None:
    saved_views.remove(public_id, by=request.actor, now=read_clock())
    return urlencode({"removed": public_id})


@_change
def restoration(request: DeskRequest, public_id: UUID) -> str | None:
    saved_views.restore(public_id, by=request.actor, now=read_clock())
    messages.success(request, _("The list is back."))
    return None


def _summary(query: str, queue_names: Mapping[str, str]) -> str:
    """What a list asks for, in words."""
    chosen = filter_from(QueryDict(query))
    parts: list[Any] = [words.VIEWS[chosen.view][0]]
    if chosen.queue:
        parts.append(queue_names.get(chosen.queue, chosen.queue))
    if chosen.status:
        parts.append(words.word(words.STATUS_WORDS, chosen.status))
    if chosen.assignee:
        nobody = chosen.assignee == "nobody"
        parts.append(_("Nobody's yet") if nobody else names.of_staff(int(chosen.assignee)) or _("another colleague"))
    if chosen.tier:
        parts.append(f"L{chosen.tier}")
    if chosen.tag:
        parts += [tag.name for tag in names.tags() if tag.id == chosen.tag]
    if chosen.door:
        parts.append(words.DOORS[chosen.door][0])
    if chosen.level:
        parts.append(_("proof: %(word)s or more") % {"word": words.word(words.LEVELS, chosen.level)})
    if chosen.since:
        parts.append(_("opened from %(day)s") % {"day": chosen.since.strftime("%d.%m.%Y")})
    if chosen.until:
        parts.append(_("opened to %(day)s") % {"day": chosen.until.strftime("%d.%m.%Y")})
    return " · ".join(str(part) for part in parts)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
