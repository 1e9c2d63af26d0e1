"""Lists of what the desk asks customers for: all of them on one page, and the form of one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from tickets import queries
from tickets.policies.ask_lists import AskList
from tickets.policies.checklist import asked_in
from tickets.services import ask_lists as service
from tickets.services.ask_lists import Definition
from tickets.services.fields import Unfit
from web.setup import words
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest
from web.shared.words import KINDS, SERVICE_KINDS, own_name, word


@require_safe
@for_administrators
def ask_lists(request: DeskRequest) -> HttpResponse:
    listed = [
        (
            each,
            own_name(each),
            [word(KINDS, kind) for kind in each.kinds],
            [word(SERVICE_KINDS, kind) for kind in each.service_kinds],
            len(asked_in(each.lines(get_language() or ""))),
        )
        for each in queries.ask_lists()
    ]
    return render(request, "setup/ask_lists.html", {"lists": listed})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def ask_list(request: DeskRequest, list_id: int = 0) -> HttpResponse:
    """The form of a list; of a new one without an id."""
    known = next((each for each in queries.ask_lists() if each.id == list_id), None)
    if list_id and known is None:
        raise Http404
    if request.method != "POST":
        return _form(request, _as_typed(known), known)
    said = _said(request)
    try:
        if known:
            service.change(known.id, said, by=request.actor, now=read_clock())
        else:
            service.create(said, by=request.actor, now=read_clock())
    except Unfit as unfit:
        return _form(request, said, known, unfit.errors)
    messages.success(request, _("Saved."))
    return redirect("setup:ask_lists")


@require_POST
@for_administrators
def retire(request: DeskRequest, list_id: int) -> HttpResponse:
    service.retire(list_id, by=request.actor, now=read_clock())
    messages.success(request, _("Retired. What was asked with it stays asked."))
    return redirect("setup:ask_lists")


@require_POST
@for_administrators
def bring_back(request: DeskRequest, list_id: int) -> HttpResponse:
    try:
        service.bring_back(list_id, by=request.actor, now=read_clock())
        messages.success(request, _("In use again."))
    except Unfit as unfit:
        messages.error(request, " ".join(words.of_ask_list_refusal(code) for code in unfit.errors.values()))
    return redirect("setup:ask_lists")


def _as_typed(known: AskList | None) -> Definition:
    known = known or AskList(0, "", "", "", "")
    return Definition(
        name_ru=known.name_ru,
        name_en=known.name_en,
        lines_ru=known.lines_ru,
        lines_en=known.lines_en,
        kinds=known.kinds,
        service_kinds=known.service_kinds,
        place=str(known.place),
    )


def _said(request: DeskRequest) -> Definition:
    form = request.POST
    return Definition(
        **{name: form.get(name, "") for name in ("name_ru", "name_en", "lines_ru", "lines_en", "place")},
        kinds=tuple(form.getlist("kinds")),
        service_kinds=tuple(form.getlist("service_kinds")),
    )


def _form(
    request: DeskRequest, typed: Definition, known: AskList | None, refused: Mapping[str, str] | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "typed": typed,
        "known": known,
        "title": own_name(known) if known else "",
        "errors": {name: words.of_ask_list_refusal(code) for name, code in (refused or {}).items()},
        "kinds": _choices(KINDS, typed.kinds),
        "service_kinds": _choices(SERVICE_KINDS, typed.service_kinds),
    }
    return render(request, "setup/ask_lists_list.html", context, status=400 if refused else 200)


def _choices(table: Mapping[str, Any], chosen: Iterable[str]) -> list[tuple[str, Any, bool]]:
    return [(code, name, code in chosen) for code, name in table.items()]
