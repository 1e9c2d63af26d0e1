"""The page that asks for a second factor before another page opens; the same for the desk and the panel."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.clock import now as read_clock
from users import recovery, second_factor
from users.models import Realm
from users.second_factor import Refused
from web.shared import mailed_proof
from web.shared.lockout import proven_by_password, told_shut
from web.shared.middleware import realm_of
from web.shared.preferences import safe_next
from web.shared.proof import Asks, Proof, asked, person_key, proves, recovery_refusal, remember, wrong
from web.shared.proof import question as ask_passkey


@sensitive_post_parameters("code", "password", "passkey", "recovery", "mailed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest) -> HttpResponse:
    realm = realm_of(request.path)
    target = safe_next(request, reverse(f"{realm}:factors"))
    path, now = urlsplit(target).path, read_clock()
    view, args, kwargs = _behind(path)
    if view is None:  # a page that asks for nothing
        return redirect(target)
    asks, act = view.asks, view.says(request, *args, **kwargs)
    digest, factors = act.digest(path), second_factor.of_user(_user(request))
    if asks is not Asks.OWN and not factors:
        return redirect(f"{realm}:factors")
    waits = realm is Realm.PANEL and asks is Asks.LASTING
    if waits and (first := min(each.counts_from for each in factors)) > now:
        return _page(request, target, 409, act=act, waits_until=first)
    context: dict[str, Any] = {
        "act": act,
        "digest": digest,
        "asks_password": not factors and _has_password(request),
        "asks_mailed": not factors and not _has_password(request),
        "factor": asked(request, _user(request)),
        "has_codes": asks is Asks.OWN and bool(factors) and bool(recovery.left(_user(request))),
    }
    if request.method != "POST":
        return _page(request, target, **context)
    if request.POST.get("act") != digest:  # nobody proves what he has not read
        return _page(request, target, 409, has_changed=True, **context)
    if "recovery" in request.POST and context["has_codes"]:
        return _recover(request, target, **context)
    if context["asks_mailed"]:
        return _by_mail(request, target, **context)
    given = _given(request, digest, by_password=not factors)
    if given is None:
        error = wrong(request, _user(request)) if factors else told_shut(request) or _("This is not your password.")
        return _page(request, target, 400, error=error, **context)
    if waits and not given.suffices(asks):
        if min(each.counts_from for each in factors) <= now:  # he has an older one: let him go on with it
            told = _("This factor is new and does not count in full yet. Use your older one.")
            return _page(request, target, 409, error=told, **context)
        return _page(request, target, 409, waits_until=given.counts_from, **context)
    remember(request, given)
    return redirect(target)


@require_POST
@never_cache
def question(request: HttpRequest) -> HttpResponse:
    """What a passkey of whoever is signed in is to sign for a form of this realm."""
    return ask_passkey(request, _user(request))


def _recover(request: HttpRequest, target: str, **context: Any) -> HttpResponse:
    now = read_clock()
    try:
        recovery.use(_user(request), request.POST["recovery"], person=person_of(request), now=now)
    except Refused as refused:
        return _page(request, target, 400, recovery_error=recovery_refusal(refused), **context)
    remember(request, Proof(context["digest"], "recovery", now, None))
    return redirect(target)


def _by_mail(request: HttpRequest, target: str, **context: Any) -> HttpResponse:
    """Who has no password either: a code is mailed to him, and typed here."""
    now = read_clock()
    if "mailed" not in request.POST:
        is_sent = mailed_proof.send(request, context["act"], context["digest"], now=now)
        told = "" if is_sent else _("We could not write to you: five codes were sent today, or no address is on file.")
        return _page(request, target, 200 if is_sent else 409, is_sent=is_sent, error=told, **context)
    if not mailed_proof.fits(request, context["digest"], request.POST["mailed"], now=now):
        error = _("This is not the code of the letter, or its time is over.")
        return _page(request, target, 400, is_sent=True, error=error, **context)
    remember(request, Proof(context["digest"], "mail", now, None))
    return redirect(target)


def _has_password(request: HttpRequest) -> bool:
    """Who comes by single sign-on alone has none."""
    return bool(_user(request).has_usable_password())


def person_of(request: HttpRequest) -> str:
    return person_key(_user(request))


def _given(request: HttpRequest, act: str, *, by_password: bool) -> Proof | None:
    now = read_clock()
    if by_password:
        # By the way of every sign-in, so that guesses are counted.
        is_his = proven_by_password(request, _user(request).email, request.POST.get("password", ""))
        return Proof(act, "password", now, None) if is_his else None
    device = proves(request, _user(request))
    if device is None:
        return None
    how = "app" if isinstance(device, TOTPDevice) else "passkey"
    return Proof(act, how, now, second_factor.counts_from(device))


def _behind(path: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The view at this address that asks for a proof, with what the address names; no view where none does."""
    try:
        found = resolve(path)
    except Resolver404:
        return None, (), {}
    return (found.func if hasattr(found.func, "says") else None), found.args, found.kwargs


def _user(request: HttpRequest) -> Any:
    return request.user


def _page(request: HttpRequest, target: str, status: int = 200, **context: Any) -> HttpResponse:
    realm = realm_of(request.path)
    context = {
        "part": "shared/factors/proof.html",
        "heading": _("Second factor"),
        "next": target,
        **context,
    }
    return render(request, f"{realm}/factors.html", context, status=status)
