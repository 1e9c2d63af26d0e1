"""The catalogue of critical actions: all on one page, and the form of one."""

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assurance.policies.catalogue import MOST_HOLD_HOURS, TypedKind
from assurance.policies.critical import CATALOGUE
from assurance.services import catalogue
from core.clock import now as read_clock
from core.trust import Level
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest
from web.shared.words import LEVELS

_NO_NUMBER = -1
_TEXTS = ("name_ru", "name_en", "words_ru", "words_en")


@require_safe
@for_administrators
def actions(request: DeskRequest) -> HttpResponse:
    return render(request, "setup/actions.html", {"lines": catalogue.lines()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def action(request: DeskRequest, code: str) -> HttpResponse:
    known = catalogue.line(code)
    if known is None:
        raise Http404
    if request.method != "POST":
        return _form(request, code, typed=known)
    typed = TypedKind(
        **{name: request.POST.get(name, "").replace("\x00", "") for name in _TEXTS},
        level=_number(request.POST.get("level", "")),
        hold_hours=_number(request.POST.get("hold_hours", "")),
        needs_second_person="needs_second_person" in request.POST,
        is_active="is_active" in request.POST,
    )
    try:
        catalogue.change(code, typed, by=request.actor, now=read_clock())
    except catalogue.Refused as refused:
        errors = {name: _words()[why] for name, why in refused.errors.items()}
        if typed.hold_hours == _NO_NUMBER:
            errors["hold_hours"] = _("Write the hours as a number.")
        shown = asdict(typed) | {"hold_hours": request.POST.get("hold_hours", "")[:20]}
        return _form(request, code, typed=shown, errors=errors)
    messages.success(request, _("Saved."))
    return redirect("setup:actions")


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else _NO_NUMBER


def _words() -> dict[str, str]:
    return {
        "no_name": _("Write a name, 120 characters at most."),
        "no_words": _("Write what the customer confirms, 500 characters at most."),
        "unknown_place": _("One of the words in braces is not known here."),
        "missing_place": _("What was asked for must stand in the words: each of the words in braces above."),
        "below_minimum": _("Less than the desk allows for this action."),
        "too_long": _("Thirty days at most."),
        "always_in_use": _("The desk cannot do without this one."),
    }


def _form(request: DeskRequest, code: str, *, typed: object, errors: dict[str, str] | None = None) -> HttpResponse:
    built_in = CATALOGUE[code]
    context = {
        "code": code,
        "typed": typed,
        "errors": errors or {},
        "levels": [(int(level), LEVELS[str(int(level))]) for level in Level if level >= built_in.level],
        "least_hours": int(built_in.hold.total_seconds() // 3600),
        "most_hours": MOST_HOLD_HOURS,
        "needs_second": built_in.needs_second_person,
        "places": ["account", "number", *(name for name in built_in.parameters if name != "document")],
    }
    return render(request, "setup/actions_action.html", context, status=400 if errors else 200)
