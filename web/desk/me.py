"""What somebody of the desk sets for himself."""

from collections.abc import Callable
from datetime import time
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from automation import choices
from automation.policies import Pace, Way
from automation.words import CHOSEN
from core.clock import now as read_clock
from core.dates import time_in
from staff.services import people
from tickets.policies.signature import PLACEHOLDERS
from tickets.services import signatures as kept
from tickets.services.refused import Refused
from users import second_factor, sessions
from users.models import Realm
from web.desk import words
from web.shared.factors import codes_of
from web.shared.requests import DeskRequest

_QUIET = ("quiet_from", "quiet_until")


@require_safe
@never_cache
def me(request: DeskRequest) -> HttpResponse:
    return _page(request)


@require_POST
def signatures(request: DeskRequest) -> HttpResponse:
    typed = {code: request.POST.get(f"signature_{code}", "") for code in words.LANGUAGES}

    def keep() -> None:
        for code, text in typed.items():
            kept.keep_own(request.user.staff.pk, language=code, text=text)

    return _kept(request, keep, _("Signatures saved."), signatures=_signatures(typed))


@require_POST
def told(request: DeskRequest) -> HttpResponse:
    """How he is told of what, when letters leave, and by which clock."""
    form = request.POST

    def keep() -> None:
        choices.keep(
            request.user.staff.pk,
            ways={kind: Way(form[f"way_{kind}"]) for kind in CHOSEN if form.get(f"way_{kind}") in set(Way)},
            pace=Pace(form["pace"]) if form.get("pace") in set(Pace) else Pace.AT_ONCE,
            quiet=(_time(form.get("quiet_from", "")), _time(form.get("quiet_until", ""))),
            zone=form.get("zone", ""),
        )

    return _kept(request, keep, _("Saved: this is how you are told from now on."), told=_typed(form))


@require_POST
def session_end(request: DeskRequest, signed_in_id: int) -> HttpResponse:
    people.end_sessions(request.user.staff.pk, signed_in_id=signed_in_id, by=request.actor.key, now=read_clock())
    messages.success(request, _("Ended: whoever was signed in there has to sign in again."))
    return redirect("desk:me")


@require_POST
def sessions_end(request: DeskRequest) -> HttpResponse:
    """All but the one that asks."""
    this = request.session.session_key
    ended = people.end_sessions(request.user.staff.pk, but=this, by=request.actor.key, now=read_clock())
    messages.success(request, ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended})
    return redirect("desk:me")


def _kept(request: DeskRequest, keep: Callable[[], None], words_of_success: str, **typed: Any) -> HttpResponse:
    try:
        keep()
    except Refused as refusal:
        told = words.word(words.REFUSALS, refusal.code)
        return _page(
            request, refusal=told, errors=dict.fromkeys(_whose(refusal.code, request.POST), told), status=409, **typed
        )
    messages.success(request, words_of_success)
    return redirect("desk:me")


def _whose(code: str, form: QueryDict) -> list[str]:
    """The fields whose fault a refusal is."""
    match code:
        case "no_such_time":
            return [name for name in _QUIET if (text := form.get(name, "")).strip() and time_in(text) is None]
        case "half_quiet":
            return [name for name in _QUIET if not form.get(name, "").strip()]
        case "no_quiet":
            return ["quiet_until"]
        case "long_signature":
            return [name for name in map("signature_{}".format, words.LANGUAGES) if kept.is_long(form.get(name, ""))]
        case _:
            return []


def _page(request: DeskRequest, *, status: int = 200, **typed: Any) -> HttpResponse:
    context = {
        "signatures": _signatures(kept.own(request.user.staff.pk)),
        "placeholders": " ".join(f"{{{each}}}" for each in PLACEHOLDERS),
        "told": _shown(choices.of_staff(request.user.staff.pk)),
        "zones": _zones(),
        "sessions": sessions.of_user(
            request.user.pk, realm=Realm.DESK, now=read_clock(), this=request.session.session_key
        ),
        "factors": second_factor.of_user(request.user),
        **codes_of(request),
        "errors": {},
        **typed,
    }
    return render(request, "desk/me.html", context, status=status)


def _signatures(texts: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(code, str(name), texts.get(code, "")) for code, name in words.LANGUAGES.items()]


def _shown(told: choices.Told) -> dict[str, Any]:
    quiet = told.quiet
    return {
        "ways": [(kind, name, told.way(kind)) for kind, name in CHOSEN.items()],
        "pace": told.pace,
        "quiet_from": f"{quiet.begins:%H:%M}" if quiet else "",
        "quiet_until": f"{quiet.ends:%H:%M}" if quiet else "",
        "zone": told.zone,
    }


def _typed(form: QueryDict) -> dict[str, Any]:
    """A form that was refused, as it came."""
    plain = {name: form.get(name, "") for name in ("pace", "quiet_from", "quiet_until", "zone")}
    return {"ways": [(kind, name, form.get(f"way_{kind}", Way.PAGE)) for kind, name in CHOSEN.items()], **plain}


def _time(text: str) -> time | None:
    """None for nothing; what no clock shows is refused."""
    if not text.strip():
        return None
    if (at := time_in(text)) is None:
        raise Refused("no_such_time")
    return at


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """Those named after a place."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))
