"""Signing in to the control panel. The second factor is asked for where it is needed; here of whoever chose so."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import devices_for_user

from users import sessions
from users.models import Realm
from web.panel.session import ACCOUNT
from web.shared import known_browser
from web.shared.door import Door, begin_session, unsaid
from web.shared.lockout import proven_by_password
from web.shared.middleware import SESSION_KEY
from web.shared.preferences import remember_language, safe_next


@sensitive_post_parameters("password", "mailed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    home = reverse("panel:home")
    if request.method != "POST":
        if request.user.is_authenticated and request.session.get(SESSION_KEY) == Realm.PANEL:
            return redirect(safe_next(request, home))
        return _page(request)
    typed = request.POST.get("login", "")
    if errors := unsaid(request):
        return _page(request, errors=errors, status=400)
    user = proven_by_password(request, typed, request.POST.get("password", ""))
    if user is None or getattr(user, "contact", None) is None:
        return _page(request, refusal="wrong_password", status=400)
    return admit(request, user, target=safe_next(request, home))


@sensitive_post_parameters("code", "passkey", "recovery")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def code(request: HttpRequest) -> HttpResponse:
    return DOOR.code(request)


@require_POST
@never_cache
@login_not_required
def question(request: HttpRequest) -> HttpResponse:
    return DOOR.question(request)


def admit(request: HttpRequest, user: Any, *, target: str, account: str = "") -> HttpResponse:
    """Lets in somebody who proved to be this customer; who chose so shows his factor first."""
    if user.shows_factor and any(devices_for_user(user)):
        return DOOR.wait(request, user, target=target, account=account)
    return _enter(request, user, target=target, account=account)


def _enter(request: HttpRequest, user: Any, *, target: str, account: str) -> HttpResponse:
    begin_session(request, user, Realm.PANEL)
    if account:
        request.session[ACCOUNT] = account
    response = HttpResponseRedirect(target)
    if user.language:
        remember_language(response, user.language)
    known_browser.remember(request, response, user)
    return response


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    user_id = request.user.pk
    logout(request)
    if user_id is not None:
        sessions.tell_pages(user_id)
    return redirect("panel:login")


def _page(
    request: HttpRequest, *, refusal: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "typed_login": request.POST.get("login", ""),
        "typed_code": request.POST.get("mailed", ""),
        "next": safe_next(request, ""),
        "refusal": refusal,
        "errors": errors or {},
        "is_demo": settings.DEMO,
    }
    return render(request, "panel/login.html", context, status=status)


DOOR = Door(Realm.PANEL, _enter, lambda user: f"contact:{user.contact.pk}")
