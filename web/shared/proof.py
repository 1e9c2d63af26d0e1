"""The second factor, asked for one act: a code of the app or a passkey, in the very form that acts or just before it.

A form that is answered with a factor has a field `code`, and for scripts a button that fills in `passkey`
(static/js/passkeys.js). The question a passkey signs is bound to the fields of the form: whoever changes one letter
after the answer has no proof. What is too big for one form is proven on a page of its own (web/shared/proving.py),
which says in words what the address that asked is going to do: the proof counts for these words and five minutes.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp import devices_for_user
from django_otp.models import Device

from assurance.policies.critical import FACTOR_IS_FRESH
from core.clock import now as read_clock
from users import app_codes, passkeys, second_factor, sessions
from users.models import User
from users.second_factor import Refused
from web.shared.middleware import realm_of

PROOF = "proof"  # session key
_NOT_MEANT = {
    "csrfmiddlewaretoken",
    "code",
    "passkey",
    "recovery",
    "at",
}  # fields that prove; all others say what is asked for


class Asks(StrEnum):
    """What a page accepts as proof. `LASTING` is what decides about an account: a factor that counts in full."""

    LASTING = "lasting"
    FACTOR = "factor"
    OWN = "own"  # a factor or a recovery code; the password where there is no factor yet, a mailed code without one


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be done, as whoever proves himself reads it. `details`: of what and of whom, label and value."""

    words: str
    details: tuple[tuple[str, str], ...] = ()

    def digest(self, path: str) -> str:
        told = json.dumps([path, self.words, self.details], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


Says = Callable[..., Act]  # of the request and what its address names; raises Http404 where nothing is to be done


@dataclass(frozen=True, slots=True)
class Proof:
    """`act`: the digest of what it was given for. `how`: app | passkey | recovery | password | mail.

    `counts_from`: since when this factor counts in full.
    """

    act: str
    how: str
    given_at: datetime
    counts_from: datetime | None

    def suffices(self, asks: Asks) -> bool:
        if asks is Asks.LASTING:
            return self.counts_from is not None and self.counts_from <= self.given_at
        return asks is Asks.OWN or self.how in ("app", "passkey")


def has_devices(user: User) -> bool:
    return any(devices_for_user(user))


def proves(request: HttpRequest, user: User) -> Device | None:
    """The factor whose `code` or `passkey` was sent with this form. Each counts once, so ask it last."""
    now, person = read_clock(), person_key(user)
    if answer := request.POST.get("passkey", ""):
        session_key = request.session.session_key or ""
        meant = about(request.path, request.POST)
        passkey = passkeys.answered(user, answer, about=meant, session_key=session_key, now=now)
        if passkey:
            app_codes.open_again(user, person=person, by=person, now=now)
        return passkey
    return app_codes.verify(user, request.POST.get("code", "").replace(" ", ""), person=person, now=now)


def person_key(user: Any) -> str:
    """In whose journal stands what happens to his factors."""
    return f"staff:{user.staff.pk}" if hasattr(user, "staff") else f"contact:{user.contact.pk}"


def asked(request: HttpRequest, user: User, *, question: str = "") -> dict[str, Any]:
    """What a form asks him for (shared/factors/field.html). `question`: where its script has the passkey asked."""
    own = second_factor.of_user(user)
    return {
        "has_app": any(each.kind == "app" for each in own),
        "has_passkey": any(each.kind == "passkey" for each in own),
        "origin": passkeys.origin(),
        "question": question or reverse(f"{realm_of(request.path)}:question"),
    }


def wrong(request: HttpRequest, user: User) -> str:
    """What is read when `proves` found nothing."""
    if request.POST.get("passkey"):
        return _("The passkey was not accepted. Try once more.")
    if until := app_codes.closed_until(user, now=read_clock()):
        told = _("Too many wrong codes: the app opens nothing until %(day)s. A passkey or a recovery code does.")
        return told % {"day": date_format(timezone.localtime(until), "d.m.Y H:i T")}
    typed = request.POST.get("code", "").replace(" ", "")
    if not typed:
        return _("Type the six digits that the app shows.")
    if app_codes.was_used(user, typed):
        return _("This code was used already. Wait until the app shows the next one and type that.")
    told = ngettext(
        "The code is wrong, or came too soon after a wrong one. In %(n)s second type the one that the app shows then.",
        "The code is wrong, or came too soon after a wrong one. In %(n)s seconds type the one that the app shows then.",
        seconds := max(1, app_codes.seconds_to_wait(user, now=read_clock())),
    )
    return told % {"n": seconds}


def recovery_refusal(refused: Refused) -> str:
    if refused.code == "too_many_tries":
        return _("Too many tries. The next one counts after a quarter of an hour, the eleventh of a day tomorrow.")
    return _("This is no recovery code of yours, or it was used already.")


def question(request: HttpRequest, user: User) -> HttpResponse:
    """For the form at the address `at` as it is filled in now: what a passkey is to sign."""
    asked = passkeys.question(
        user,
        about=about(request.POST.get("at", ""), request.POST),
        session_key=request.session.session_key or "",
        now=read_clock(),
    )
    return HttpResponse(asked, content_type="application/json")


def about(path: str, form: QueryDict) -> str:
    """The digest of an act: where it is sent and every field that says what is to be done."""
    meant = [[name, values] for name, values in sorted(form.lists()) if name not in _NOT_MEANT]
    return hashlib.sha256(json.dumps([path, meant], ensure_ascii=False).encode()).hexdigest()


def remember(request: HttpRequest, proof: Proof) -> None:
    """For the page that asked. The key of the session changes: whoever had the old one has not proven anything."""
    sessions.change_key(request.session, without=(PROOF,), now=proof.given_at)
    ends = proof.counts_from.timestamp() if proof.counts_from else None
    request.session[PROOF] = [proof.act, proof.how, proof.given_at.timestamp(), ends]


def given(request: HttpRequest, act: str, *, now: datetime) -> tuple[Proof, timedelta] | None:
    """The proof for this act, by its digest, and its age. None: there is none, or it is not fresh any more."""
    kept = request.session.get(PROOF)
    if not kept or not hmac.compare_digest(kept[0], act):
        return None
    given_at = datetime.fromtimestamp(kept[2], now.tzinfo)
    age = max(now - given_at, timedelta(0))
    counts_from = datetime.fromtimestamp(kept[3], now.tzinfo) if kept[3] is not None else None
    return (Proof(kept[0], kept[1], given_at, counts_from), age) if age <= FACTOR_IS_FRESH else None


def use_up(request: HttpRequest) -> None:
    request.session.pop(PROOF, None)


def asks(what: Asks, says: Says) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page that opens only with a fresh proof for what it is going to do; everybody else is sent to give one."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            act = says(request, *args, **kwargs).digest(request.path)
            found = given(request, act, now=read_clock())
            if found and found[0].suffices(what):
                return view(request, *args, **kwargs)
            return redirect(proof_page(request, request.get_full_path()))

        return proven_for(what, says)(asking)

    return around


def proven_for(what: Asks, says: Says) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Tells the page of the proof what a view asks for and is going to do."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.asks, view.says = what, says  # type: ignore[attr-defined]  # the page of the proof finds them there
        return view

    return around


def proof_page(request: HttpRequest, target: str) -> str:
    return f"{reverse(f'{realm_of(request.path)}:proof')}?{urlencode({'next': target})}"
