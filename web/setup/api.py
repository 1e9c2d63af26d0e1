"""Tokens of programs that call the API, and keys of single sign-on: made here, shown once, revoked at once."""

from datetime import MAXYEAR, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from core.dates import day_in
from users import api_tokens, sign_on
from users.api_tokens import Refused
from web.setup import words
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def tokens(request: DeskRequest) -> HttpResponse:
    context = {"tokens": api_tokens.tokens(now=read_clock()), "keys": sign_on.keys(), "audience": sign_on.audience()}
    return render(request, "setup/api.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def token(request: DeskRequest) -> HttpResponse:
    """A new one. What was typed stays when it is refused; the secret is on the page of the answer and nowhere else."""
    if request.method != "POST":
        return _form(request, {"per_minute": "600"})
    given = request.POST
    try:
        secret = api_tokens.make(
            given.get("name", ""),
            given.getlist("scopes"),
            per_minute=_number(given.get("per_minute", "")),
            expires_at=_end_of(given.get("expires_on", "")),
            by=request.actor.key,
            now=read_clock(),
        )
    except Refused as refused:
        typed = {name: given.get(name, "") for name in ("name", "per_minute", "expires_on")}
        return _form(request, {**typed, "scopes": given.getlist("scopes")}, refused)
    return render(request, "setup/api_secret.html", {"secret": secret.reveal(), "name": given["name"].strip()})


@require_POST
@for_administrators
def revocation(request: DeskRequest, token_id: int) -> HttpResponse:
    api_tokens.revoke(token_id, by=request.actor.key, now=read_clock())
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("setup:api")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def key(request: DeskRequest) -> HttpResponse:
    """A key of single sign-on. The shared one is on the page of the answer and nowhere else."""
    if request.method != "POST":
        return _key_form(request, {"algorithm": "HS256"})
    typed = {name: request.POST.get(name, "") for name in ("issuer", "algorithm", "public_key")}
    try:
        shared = sign_on.make(**typed, by=request.actor.key, now=read_clock())
    except Refused as refused:
        return _key_form(request, typed, refused)
    if shared:
        return render(request, "setup/api_secret.html", {"secret": shared.reveal(), "name": typed["issuer"].strip()})
    messages.success(request, _("Saved."))
    return redirect("setup:api")


@require_POST
@for_administrators
def key_revocation(request: DeskRequest, key_id: int) -> HttpResponse:
    sign_on.revoke(key_id, by=request.actor.key, now=read_clock())
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("setup:api")


def _key_form(request: DeskRequest, typed: dict[str, str], refused: Refused | None = None) -> HttpResponse:
    errors = {refused.field: words.of_refusal(refused.code)} if refused else {}
    context = {"typed": typed, "errors": errors, "algorithms": words.ALGORITHMS.items()}
    return render(request, "setup/api_key.html", context, status=400 if refused else 200)


def _number(typed: str) -> int:
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0


def _end_of(typed: str) -> datetime | None:
    if not typed.strip():
        return None
    day = day_in(typed)
    if day is None or day.year == MAXYEAR:
        raise Refused("no_day", "expires_on")
    return timezone.make_aware(datetime.combine(day, time()) + timedelta(days=1))


def _form(request: DeskRequest, typed: dict[str, Any], refused: Refused | None = None) -> HttpResponse:
    errors = {refused.field: words.of_refusal(refused.code)} if refused else {}
    context = {"typed": typed, "errors": errors, "scopes": words.SCOPES.items()}
    return render(request, "setup/api_token.html", context, status=400 if refused else 200)
