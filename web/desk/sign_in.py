"""Signing in to the desk: password, then the second factor. In demo the factor is off."""

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

from staff.roles import Perm, Role, may
from users.models import Realm
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
    if request.method != "POST":
        if request.user.is_authenticated and request.session.get(SESSION_KEY) == Realm.DESK:
            return redirect(safe_next(request, _home(request.user)))
        return _page(request)
    typed = request.POST.get("login", "")
    if errors := unsaid(request):
        return _page(request, errors=errors, status=400)
    user = proven_by_password(request, typed, request.POST.get("password", ""))
    if user is None or getattr(user, "staff", None) is None:
        return _page(request, refusal="wrong_password", status=400)
    if settings.DEMO:
        return _enter(request, user)
    if not any(devices_for_user(user)):
        return _page(request, refusal="no_second_factor", status=403)
    return DOOR.wait(request, user, target=safe_next(request, _home(user)))


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


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("desk:login")


def _home(user: Any) -> str:
    """Who reads no tickets has nothing to do in the list."""
    role = Role(user.staff.role)
    return reverse("setup:index" if may(role, Perm.SET_UP) and not may(role, Perm.SEE_TICKETS) else "desk:queue")


def _enter(request: HttpRequest, user: Any, *, target: str = "") -> HttpResponse:
    target = target or safe_next(request, _home(user))
    begin_session(request, user, Realm.DESK)
    response = HttpResponseRedirect(target)
    if user.language:
        remember_language(response, user.language)
    known_browser.remember(request, response, user)
    return response


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
    return render(request, "desk/login.html", context, status=status)


DOOR = Door(Realm.DESK, _enter, lambda user: f"staff:{user.staff.pk}")
