"""When the door stays shut after wrong passwords, and what is read then.

django-axes counts what comes from one network (helpdesk/settings.py). What comes for one name from everywhere counts
here, before the password is looked at: of many tries at the same moment none slips through.
"""

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from core import limits
from core.clock import now as read_clock
from core.limits import Limit, Over
from events import outbox
from staff.actor import SYSTEM
from users import known_browsers
from users.event_types import PasswordsGuessed
from users.models import Realm, User
from users.names import named, one_writing
from web.shared import known_browser
from web.shared.middleware import SIGN_IN, realm_of
from web.shared.proof import person_key
from web.shared.visitors import network_of

MOST_FROM_ONE_ADDRESS = 100  # an office behind one address mistypes less within a quarter of an hour
CODES = Limit("codes of guessing letters", 40, timedelta(hours=1))  # from one network: 60 bits are not found anyhow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Try:
    """A password that was typed, before it is looked at. `browser`: known for the name, "" for any other."""

    name: str
    browser: str
    over: Over | None = None

    @property
    def budget(self) -> tuple[Limit, str]:
        return known_browsers.budget(self.name, self.browser)


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    return one_writing((credentials or {}).get("login") or request.POST.get("login", ""))


def address_of(request: HttpRequest) -> str | None:
    """Whoever has one address of an IPv6 network has all of them: they count as the network's first."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def proven_by_password(request: HttpRequest, login: str, password: str) -> Any:
    """Whose name and password these are, nobody's (None) while the door is shut. The one way to compare a password."""
    user = authenticate(request, login=login, password=password)
    if user is not None:
        limits.give_back(*_try(request).budget, now=read_clock())  # type: ignore[union-attr]  # axes came first
    return user


class Handler(AxesDatabaseHandler):
    """The limits of a network, which are axes' own for one name and one for many names, and those of a name.

    A browser that is known for the name is concerned by none of them but its own.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        now, name = read_clock(), name_of(request, credentials)
        one = Try(name, _known(request, name, now=now))
        is_far = not one.browser and (super().is_locked(request, credentials) or self._is_flooded(request))
        over = None if is_far else limits.take(one.budget, now=now)
        request.password_try = Try(name, one.browser, over)  # type: ignore[attr-defined]  # as axes hands on its own
        if over is not None and over.limit is known_browsers.OF_A_NAME:
            _tell(name, now=now)
        return is_far or over is not None

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any
    ) -> None:
        """What a known browser mistypes is counted already, and is nothing against its network."""
        one = _try(request)
        if one is None or not one.browser:
            super().user_login_failed(sender, credentials, request, **more)

    @staticmethod
    def _is_flooded(request: HttpRequest) -> bool:
        attempts = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined] # axes put it there
            attempt_time__gte=get_cool_off_threshold(request),
        )
        failures = attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
        return failures >= MOST_FROM_ONE_ADDRESS


def told_shut(request: HttpRequest) -> str:
    """What is read where a password was not looked at, or was the last to be; "" where the door is open."""
    if not getattr(request, "axes_locked_out", False):
        return ""
    return ngettext(
        "Too many wrong passwords. Try again in %(minutes)s minute.",
        "Too many wrong passwords. Try again in %(minutes)s minutes.",
        minutes := _minutes(_seconds(request)),
    ) % {"minutes": minutes}


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page of the door again; any other that asks for a password has told it itself."""
    seconds = _seconds(request)
    if request.path not in SIGN_IN.values() and original_response is not None:
        response = original_response
        response.status_code = 429
    else:
        one = _try(request)
        is_guessed = one is not None and one.over is not None and one.over.limit is known_browsers.OF_A_NAME
        context = {
            "typed_login": request.POST.get("login", ""),
            "typed_code": request.POST.get("mailed", ""),
            "next": request.POST.get("next", ""),
            "refusal": "guessed" if is_guessed else "locked_out",
            "minutes": _minutes(seconds),
        }
        page = "panel/login.html" if realm_of(request.path) is Realm.PANEL else "desk/login.html"
        response = render(request, page, context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _seconds(request: HttpRequest) -> int:
    """Until a password is looked at again."""
    one = _try(request)
    if one is None or one.over is None:
        return int(settings.AXES_COOLOFF_TIME.total_seconds())
    return int((one.over.until - read_clock()).total_seconds()) + 1


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def _try(request: HttpRequest | None) -> Try | None:
    return getattr(request, "password_try", None)


def _known(request: HttpRequest, name: str, *, now: datetime) -> str:
    """By its cookie, or by the code of the letter; looked for by the name and never by whose it is."""
    if browser := known_browsers.known(known_browser.marks(request), name, now=now):
        return browser
    typed = request.POST.get("mailed", "")
    if not typed.strip() or limits.take((CODES, network_of(request)), now=now):
        return ""
    return known_browsers.known_by_letter(typed, name, now=now)


def _tell(name: str, *, now: datetime) -> None:
    """Him whose name it is, once a day; for a name that nobody has as much is done, and nobody written to."""
    if limits.take((known_browsers.TOLD, f"name {name}"), now=now):
        return
    user = named(name).select_related("staff", "contact").filter(is_active=True).first()
    log.warning("passwords_guessed user=%s", user.pk if user else "nobody")
    with transaction.atomic():
        outbox.record(PasswordsGuessed(person=_person(user)), by=SYSTEM.key, now=now)


def _person(user: User | None) -> str:
    return person_key(user) if hasattr(user, "staff") or hasattr(user, "contact") else ""
