"""The second step of signing in, of either realm: a code of the app, a passkey, or a recovery code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp import login as otp_login

from core.clock import now as read_clock
from users import recovery
from users.models import Realm, User
from users.second_factor import Refused
from web.shared.middleware import SESSION_KEY
from web.shared.proof import asked, proves, recovery_refusal, wrong
from web.shared.proof import question as ask_passkey

PENDING = "signing_in"  # session key: who has given the password and not yet the factor
PENDING_SECONDS = 300


def unsaid(request: HttpRequest) -> dict[str, str]:
    """What was left empty at the first step; by the field, and no try is counted."""
    words = {"login": _("Type your login or e-mail."), "password": _("Type your password.")}
    return {name: told for name, told in words.items() if not request.POST.get(name, "").strip()}


def begin_session(request: HttpRequest, user: Any, realm: Realm) -> None:
    """Its end is fixed now: who has stolen it cannot keep it alive by using it."""
    login(request, user, backend="users.backends.LoginBackend")
    request.session[SESSION_KEY] = realm
    request.session.set_expiry(read_clock() + timedelta(seconds=settings.SESSION_COOKIE_AGE))


@dataclass(frozen=True, slots=True)
class Door:
    """`enter` opens the session of somebody who has proven himself."""

    realm: Realm
    enter: Callable[..., HttpResponse]
    person: Callable[[Any], str]  # whose journal it is written in

    def wait(self, request: HttpRequest, user: User, *, target: str, **more: Any) -> HttpResponse:
        """The password was right; `more` goes to `enter` once the factor is too."""
        request.session[PENDING] = {
            "realm": self.realm.value,
            "user": user.pk,
            "at": read_clock().timestamp(),
            "enter": {"target": target, **more},
        }
        return redirect(f"{self.realm}:code")

    def code(self, request: HttpRequest) -> HttpResponse:
        user = self._waiting(request)
        if user is None:
            return redirect(f"{self.realm}:login")
        if request.method != "POST":
            return self._page(request, user)
        if "recovery" in request.POST:
            return self._recover(request, user)
        device = proves(request, user)
        if device is None:
            refusal = "passkey" if request.POST.get("passkey") else "code"
            return self._page(request, user, refusal=refusal, error=wrong(request, user), status=400)
        response = self._enter(request, user)
        otp_login(request, device)
        return response

    def question(self, request: HttpRequest) -> HttpResponse:
        """What a passkey of whoever has given the password is to sign."""
        user = self._waiting(request)
        return ask_passkey(request, user) if user else HttpResponse(status=403)

    def _recover(self, request: HttpRequest, user: User) -> HttpResponse:
        try:
            left = recovery.use(user, request.POST["recovery"], person=self.person(user), now=read_clock())
        except Refused as refused:
            error = recovery_refusal(refused)
            return self._page(request, user, refusal="recovery", error=error, status=400)
        response = self._enter(request, user)
        told = ngettext("%(n)s recovery code is left.", "%(n)s recovery codes are left.", left) % {"n": left}
        if left <= recovery.FEW:
            told += " " + _("Make new ones at Second factor.")
        messages.success(request, told)
        return response

    def _enter(self, request: HttpRequest, user: User) -> HttpResponse:
        return self.enter(request, user, **request.session.pop(PENDING)["enter"])

    def _waiting(self, request: HttpRequest) -> User | None:
        pending = request.session.get(PENDING)
        if not pending or pending.get("realm") != self.realm or "enter" not in pending:
            return None
        if read_clock().timestamp() - pending["at"] > PENDING_SECONDS:
            return None
        return User.objects.filter(pk=pending["user"], is_active=True).first()

    def _page(
        self, request: HttpRequest, user: User, *, refusal: str = "", error: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "email": user.email,
            "refusal": refusal,
            "error": error,
            "back": reverse(f"{self.realm}:login"),
            "is_panel": self.realm is Realm.PANEL,
            "has_codes": bool(recovery.left(user)),
            "factor": asked(request, user, question=reverse(f"{self.realm}:code_question")),
        }
        return render(request, "shared/code.html", context, status=status)
