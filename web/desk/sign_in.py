"""Signing in to the desk: password, then a one-time code. In demo the code is off."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import devices_for_user
from django_otp import login as otp_login

from core.clock import now as read_clock
from staff.roles import Perm, Role, may
from users.models import Realm, User
from web.shared.middleware import SESSION_KEY
from web.shared.preferences import remember_language, safe_next
from web.shared.proof import asked, proves
from web.shared.proof import question as ask_passkey

PENDING = "signing_in"  # session key: who has given the password and not yet the code
PENDING_SECONDS = 300
BACKEND = "users.backends.LoginBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if request.user.is_authenticated and request.session.get(SESSION_KEY) == Realm.DESK:
            return redirect(safe_next(request, _home(request.user)))
        return _page(request)
    typed = request.POST.get("login", "")
    user = authenticate(request, login=typed, password=request.POST.get("password", ""))
    if user is None or getattr(user, "staff", None) is None:
        return _page(request, refusal="wrong_password", status=400)
    if settings.DEMO:
        return _enter(request, user)
    if not any(devices_for_user(user)):
        return _page(request, refusal="no_second_factor", status=403)
    request.session[PENDING] = {
        "user": user.pk,
        "at": read_clock().timestamp(),
        "next": safe_next(request, _home(user)),
    }
    return redirect("desk:code")


@sensitive_post_parameters("code", "passkey")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def code(request: HttpRequest) -> HttpResponse:
    user = _pending_user(request)
    if user is None:
        return redirect("desk:login")
    if request.method != "POST":
        return _code_page(request, user)
    device = proves(request, user)
    if device is None:
        return _code_page(request, user, refusal="passkey" if request.POST.get("passkey") else "code", status=400)
    target = request.session.pop(PENDING)["next"]
    response = _enter(request, user, target=target)
    otp_login(request, device)
    return response


@require_POST
@never_cache
@login_not_required
def question(request: HttpRequest) -> HttpResponse:
    """What a passkey of whoever has given the password is to sign."""
    user = _pending_user(request)
    return ask_passkey(request, user) if user else HttpResponse(status=403)


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("desk:login")


def _pending_user(request: HttpRequest) -> User | None:
    pending = request.session.get(PENDING)
    if not pending or read_clock().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True).first()


def _home(user: Any) -> str:
    """Who reads no tickets has nothing to do in the list."""
    role = Role(user.staff.role)
    return reverse("setup:index" if may(role, Perm.SET_UP) and not may(role, Perm.SEE_TICKETS) else "desk:queue")


def _enter(request: HttpRequest, user: Any, *, target: str = "") -> HttpResponse:
    target = target or safe_next(request, _home(user))
    login(request, user, backend=BACKEND)
    request.session[SESSION_KEY] = Realm.DESK
    response = HttpResponseRedirect(target)
    if user.language:
        remember_language(response, user.language)
    return response


def _code_page(request: HttpRequest, user: User, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "email": user.email,
        "refusal": refusal,
        "factor": asked(request, user, question=reverse("desk:code_question")),
    }
    return render(request, "desk/code.html", context, status=status)


def _page(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "typed_login": request.POST.get("login", ""),
        "next": safe_next(request, ""),
        "refusal": refusal,
        "is_demo": settings.DEMO,
    }
    return render(request, "desk/login.html", context, status=status)
