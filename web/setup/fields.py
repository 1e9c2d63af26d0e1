"""The desk's own fields of tickets: all of them on one page, and the form of one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from tickets import queries
from tickets.enums import FieldKind
from tickets.policies.fields import Choice, Field
from tickets.services import fields as service
from tickets.services.fields import MOST_CHOICES, Definition, Unfit
from web.setup import words
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest
from web.shared.words import own_name

BLANK_CHOICES = 4  # a form offers so many new ones; there are more when it has been saved


@require_safe
@for_administrators
def fields(request: DeskRequest) -> HttpResponse:
    queues = {queue.slug: own_name(queue) for queue in queries.queue_settings()}
    listed = [
        (
            field,
            own_name(field),
            words.FIELD_KINDS[field.kind],
            [queues[slug] for slug in field.queues if slug in queues],
        )
        for field in queries.fields()
    ]
    return render(request, "setup/fields.html", {"fields": listed})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def field(request: DeskRequest, field_id: int = 0) -> HttpResponse:
    """The form of a field; of a new one without an id."""
    known = next((each for each in queries.fields() if each.id == field_id), None)
    if field_id and known is None:
        raise Http404
    if request.method != "POST":
        return _form(request, _as_typed(known), known)
    said = _said(request, known)
    try:
        if known:
            service.change(known.id, said, by=request.actor, now=read_clock())
        else:
            service.create(said, by=request.actor, now=read_clock())
    except Unfit as unfit:
        return _form(request, said, known, unfit.errors)
    messages.success(request, _("Saved."))
    return redirect("setup:fields")


@require_POST
@for_administrators
def retire(request: DeskRequest, field_id: int) -> HttpResponse:
    service.retire(field_id, by=request.actor, now=read_clock())
    messages.success(request, _("Retired. What was filled in stays on its tickets."))
    return redirect("setup:fields")


@require_POST
@for_administrators
def bring_back(request: DeskRequest, field_id: int) -> HttpResponse:
    try:
        service.bring_back(field_id, by=request.actor, now=read_clock())
        messages.success(request, _("In use again."))
    except Unfit as unfit:
        messages.error(request, " ".join(words.of_field_refusal(code) for code in unfit.errors.values()))
    return redirect("setup:fields")


def _as_typed(known: Field | None) -> Definition:
    if known is None:
        return Definition(
            name_ru="", name_en="", kind=FieldKind.TEXT.value, is_required=False, queues=(), choices=(), place="0"
        )
    return Definition(
        name_ru=known.name_ru,
        name_en=known.name_en,
        kind=known.kind.value,
        is_required=known.is_required,
        queues=known.queues,
        choices=known.choices,
        place=str(known.place),
    )


def _said(request: DeskRequest, known: Field | None) -> Definition:
    form = request.POST
    offered = set(form.getlist("choice_offered"))
    typed = zip(form.getlist("choice_id"), form.getlist("choice_ru"), form.getlist("choice_en"), strict=False)
    choices = [Choice(code, ru, en, not code or code in offered) for code, ru, en in typed]
    return Definition(
        name_ru=form.get("name_ru", ""),
        name_en=form.get("name_en", ""),
        kind=known.kind.value if known else form.get("kind", ""),
        is_required="is_required" in form,
        queues=tuple(form.getlist("queues")),
        choices=tuple(choices[: MOST_CHOICES + BLANK_CHOICES]),
        place=form.get("place", ""),
    )


def _form(
    request: DeskRequest, typed: Definition, known: Field | None, refused: Mapping[str, str] | None = None
) -> HttpResponse:
    written = [choice for choice in typed.choices if choice.id or choice.name_ru or choice.name_en]
    context: dict[str, Any] = {
        "typed": typed,
        "known": known,
        "title": own_name(known) if known else "",
        "errors": {name: words.of_field_refusal(code) for name, code in (refused or {}).items()},
        "kinds": words.FIELD_KINDS.items(),
        "kind": words.FIELD_KINDS[known.kind] if known else "",
        "choices": [*written, *[Choice("", "", "")] * BLANK_CHOICES],
        "has_choices": known is None or known.kind is FieldKind.CHOICE,
        "queues": [
            (queue.slug, own_name(queue), queue.slug in typed.queues)
            for queue in queries.queue_settings()
            if queue.is_active or queue.slug in typed.queues
        ],
    }
    return render(request, "setup/fields_field.html", context, status=400 if refused else 200)
