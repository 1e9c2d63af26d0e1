"""Teams and the queues they serve, on one page; each has a form of its own."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import queries as doors
from core.clock import now as read_clock
from staff import queries as staff
from staff.services import teams as team_services
from staff.services.people import Refused
from tickets import queries
from tickets.policies.signature import PLACEHOLDERS
from tickets.services import setup as queue_services
from tickets.services import signatures as kept
from tickets.services.refused import Refused as SignatureRefused
from tickets.services.setup import Unfit
from web.setup import words
from web.setup.access import for_administrators
from web.setup.text_words import LANGUAGE_NAMES
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def teams(request: DeskRequest) -> HttpResponse:
    found = staff.teams()
    addresses: dict[str, list[str]] = {}
    for door in doors.mailboxes(now=read_clock()):
        addresses.setdefault(door.queue, []).append(door.address)
    context = {
        "teams": [(team, _name(team), len(team.members)) for team in found],
        "queues": [
            (queue, _name(queue), addresses.get(queue.slug, []), {team.slug: _name(team) for team in found}[queue.team])
            for queue in queries.queue_settings()
        ],
    }
    return render(request, "setup/teams.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def team(request: DeskRequest, slug: str = "") -> HttpResponse:
    """The form of a team; of a new one without a slug."""
    known = next((each for each in staff.teams() if each.slug == slug), None)
    if slug and known is None:
        raise Http404
    if request.method != "POST":
        typed: dict[str, Any] = {"tier": 1, "members": ()}
        if known:
            typed = {"name_ru": known.name_ru, "name_en": known.name_en, "tier": known.tier, "members": known.members}
        return _team_form(request, typed, known)
    given = request.POST
    members = [int(member) for member in given.getlist("members") if member.isdecimal() and len(member) < 10]
    tier = given.get("tier", "")
    typed = {"name_ru": given.get("name_ru", ""), "name_en": given.get("name_en", ""), "members": members}
    typed["tier"] = int(tier) if tier in ("1", "2", "3") else 0
    try:
        team_services.save(slug, **typed, by=request.actor.key, now=read_clock())
    except Refused as refused:
        return _team_form(request, typed, known, refused)
    messages.success(request, _("Saved."))
    return redirect("setup:teams")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def queue(request: DeskRequest, slug: str = "") -> HttpResponse:
    """The form of a queue; of a new one without a slug."""
    known = next((each for each in queries.queue_settings() if each.slug == slug), None)
    if slug and known is None:
        raise Http404
    if request.method != "POST":
        typed = {"name_ru": known.name_ru, "name_en": known.name_en, "team": known.team} if known else {}
        return _queue_form(request, typed, kept.of_queue(slug), known)
    typed = {field: request.POST.get(field, "") for field in ("name_ru", "name_en", "team")}
    signatures = {language: request.POST.get(f"signature_{language}", "") for language in LANGUAGE_NAMES}
    try:
        if known:
            queue_services.change_queue(slug, **typed, signatures=signatures, by=request.actor, now=read_clock())
        else:
            queue_services.add_queue(**typed, signatures=signatures, by=request.actor, now=read_clock())
    except Unfit as refused:
        errors = {"team" if refused.code == "no_team" else "name_ru": words.of_refusal(refused.code)}
        return _queue_form(request, typed, signatures, known, errors)
    except SignatureRefused as refused:
        long = (language for language, text in signatures.items() if kept.is_long(text))
        errors = {f"signature_{language}": words.of_refusal(refused.code) for language in long}
        return _queue_form(request, typed, signatures, known, errors)
    messages.success(request, _("Saved."))
    return redirect("setup:teams")


@require_POST
@for_administrators
def retire_team(request: DeskRequest, slug: str) -> HttpResponse:
    def retire() -> str:
        serves = [queue.slug for queue in queries.queue_settings() if queue.team == slug and queue.is_active]
        team_services.retire(slug, serves=serves, by=request.actor.key, now=read_clock())
        return _("Retired. Its people keep their tickets.")

    return _done(request, retire)


@require_POST
@for_administrators
def reopen_team(request: DeskRequest, slug: str) -> HttpResponse:
    def reopen() -> str:
        team_services.reopen(slug, by=request.actor.key, now=read_clock())
        return _("In use again.")

    return _done(request, reopen)


@require_POST
@for_administrators
def retire_queue(request: DeskRequest, slug: str) -> HttpResponse:
    """Refused while a mailbox files into it: its letters would have nowhere to go."""

    def retire() -> str:
        if any(door.queue == slug for door in doors.mailboxes(now=read_clock())):
            raise Unfit("queue_has_mailbox")
        queue_services.retire_queue(slug, move_to=request.POST.get("move_to", ""), by=request.actor, now=read_clock())
        return _("Retired. Its open tickets stand where you chose.")

    return _done(request, retire)


@require_POST
@for_administrators
def reopen_queue(request: DeskRequest, slug: str) -> HttpResponse:
    def reopen() -> str:
        queue_services.reopen_queue(slug, by=request.actor, now=read_clock())
        return _("In use again.")

    return _done(request, reopen)


def _done(request: DeskRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except (Unfit, Refused) as refused:
        messages.error(request, words.of_refusal(refused.code))
    return redirect("setup:teams")


def _name(named: staff.TeamView | queries.QueueSetting) -> str:
    return named.name_ru if (get_language() or "").startswith("ru") else named.name_en


def _team_form(
    request: DeskRequest, typed: dict[str, Any], known: staff.TeamView | None, refused: Refused | None = None
) -> HttpResponse:
    errors = {refused.field or "name_ru": words.of_refusal(refused.code)} if refused else {}
    context = {
        "typed": typed,
        "known": known,
        "title": _name(known) if known else "",
        "errors": errors,
        "tiers": (1, 2, 3),
        "people": [person for person in staff.people() if person.is_active],
    }
    return render(request, "setup/teams_team.html", context, status=400 if refused else 200)


def _queue_form(
    request: DeskRequest,
    typed: dict[str, str],
    signatures: dict[str, str],
    known: queries.QueueSetting | None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    errors = errors or {}
    context = {
        "typed": typed,
        "known": known,
        "title": _name(known) if known else "",
        "errors": errors,
        "signatures": [
            (f"signature_{language}", language, name, signatures.get(language, ""), errors.get(f"signature_{language}"))
            for language, name in LANGUAGE_NAMES.items()
        ],
        "placeholders": [(placeholder, words.SIGNATURE[placeholder]) for placeholder in PLACEHOLDERS],
        "teams": [(team.slug, _name(team)) for team in staff.teams() if team.is_active],
        "others": [
            (queue.slug, _name(queue))
            for queue in queries.queue_settings()
            if queue.is_active and (known is None or queue.slug != known.slug)
        ],
    }
    return render(request, "setup/teams_queue.html", context, status=400 if errors else 200)
