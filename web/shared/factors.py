"""Somebody's own second factors: to see, to add, to remove; the same pages for the desk and the panel."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import look
from core.clock import now as read_clock
from users import passkeys, recovery, second_factor
from users.models import Realm
from users.second_factor import Refused
from web.shared import enrolment, proving
from web.shared.middleware import realm_of
from web.shared.proof import Act, Asks, asks, use_up
from web.shared.proving import person_of

_PAGES = ("factors", "app", "passkey", "passkey_question", "codes", "door", "me")
KEY = "enrolling_app"  # session key: the secret shown as a picture, until a code of it was typed


@require_safe
@never_cache
def factors(request: HttpRequest) -> HttpResponse:
    own = second_factor.of_user(_user(request))
    return _page(
        request,
        "list",
        _("Second factor"),
        factors=own,
        has_app=any(each.kind == "app" for each in own),
        may_add_passkey=sum(each.kind == "passkey" for each in own) < passkeys.MOST,
        is_panel=realm_of(request.path) is Realm.PANEL,
        now=read_clock(),
        **codes_of(request),
    )


def _of(request: HttpRequest, words: str, *details: tuple[str, str]) -> Act:
    """Something about the sign-in of whoever proves himself."""
    return Act(words, ((_("Sign-in"), _user(request).email), *details))


def _adds_passkey(request: HttpRequest) -> Act:
    return _of(request, _("Add a passkey to your sign-in"))


def _adds_app(request: HttpRequest) -> Act:
    return _of(request, _("Add a code app to your sign-in"))


def _removes(request: HttpRequest, kind: str, factor_id: int) -> Act:
    found = _own(request, kind, factor_id)
    what = _("Code app") if kind == "app" else f"{found.name} ({_('passkey')})"
    return _of(request, _("Remove a factor from your sign-in: it opens nothing any more"), (_("Factor"), what))


def _makes_codes(request: HttpRequest) -> Act:
    return _of(request, _("Make ten new recovery codes and void those of before"))


def _changes_door(request: HttpRequest) -> Act:
    if _user(request).shows_factor:
        return _of(request, _("No longer ask for the second factor at each sign-in"))
    return _of(request, _("Ask for the second factor at each sign-in"))


def _own(request: HttpRequest, kind: str, factor_id: int) -> second_factor.FactorView:
    own = second_factor.of_user(_user(request))
    found = next((each for each in own if (each.kind, each.id) == (kind, factor_id)), None)
    if found is None:
        raise Http404
    return found


@sensitive_post_parameters("passkey")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks(Asks.OWN, _adds_passkey)
def passkey(request: HttpRequest) -> HttpResponse:
    """A new passkey. Without a script there is none: the browser alone can make it."""
    name, error = request.POST.get("name", "").strip(), ""
    if request.method == "POST":
        made = passkeys.begin(
            _user(request),
            request.POST.get("passkey", ""),
            name=name or _("Passkey"),
            person=person_of(request),
            session_key=request.session.session_key or "",
            now=read_clock(),
        )
        if made:
            use_up(request)
            messages.success(request, _("The passkey is yours. It is asked for from now on."))
            return _back(request)
        error = _("No passkey was made. Try once more.")
    return _page(
        request,
        "passkey",
        _("Add a passkey"),
        400 if error else 200,
        name=name,
        most=passkeys.MOST_NAME,
        error=error,
        origin=passkeys.origin(),
    )


@require_POST
@never_cache
def passkey_question(request: HttpRequest) -> HttpResponse:
    called = look.current().name or "Helpdesk"
    asked = passkeys.question_to_begin(
        _user(request), called=called, session_key=request.session.session_key or "", now=read_clock()
    )
    return HttpResponse(asked, content_type="application/json")


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks(Asks.OWN, _adds_app)
def app(request: HttpRequest) -> HttpResponse:
    """The app that shows codes."""
    key, error = request.session.setdefault(KEY, second_factor.new_key()), ""
    if request.method == "POST":
        if enrolment.fits(key, request.POST.get("code", "")):
            return _begin_app(request, key)
        error = _("This code does not fit. Wait for the next one.")
    picture = enrolment.picture(_user(request).email, key)
    return _page(request, "app", _("Begin with a code app"), 400 if error else 200, error=error, **picture)


def _begin_app(request: HttpRequest, key: str) -> HttpResponse:
    try:
        second_factor.begin_app(_user(request), key, person=person_of(request), now=read_clock())
    except Refused:
        messages.error(request, _("You have a code app already. Remove it first."))
    else:
        messages.success(request, _("The code app is on."))
    request.session.pop(KEY, None)
    use_up(request)
    return _back(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks(Asks.FACTOR, _removes)
def removal(request: HttpRequest, kind: str, factor_id: int) -> HttpResponse:
    if request.method != "POST":
        is_last = len(second_factor.of_user(_user(request))) < 2
        found = _own(request, kind, factor_id)
        return _page(request, "removal", _("Remove a factor"), factor=found, is_last=is_last)
    try:
        second_factor.remove(_user(request), kind, factor_id, person=person_of(request), now=read_clock())
    except Refused:
        messages.error(request, _("The last factor stays. Add another one first."))
    else:
        messages.success(request, _("Removed: it opens nothing any more."))
    use_up(request)
    return _back(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks(Asks.FACTOR, _makes_codes)
def codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown in the answer to this one POST and never again."""
    if request.method != "POST":
        return _page(request, "codes", _("Recovery codes"), **codes_of(request))
    try:
        made = recovery.make(_user(request), person=person_of(request), now=read_clock())
    except Refused:
        return _back(request)
    use_up(request)
    shown = [code.reveal() for code in made]
    file = "\n".join([f"{passkeys.origin()}  {_user(request).email}", *shown, ""])
    return _page(request, "codes_made", _("Your recovery codes"), codes=shown, file=file)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks(Asks.FACTOR, _changes_door)
def door(request: HttpRequest) -> HttpResponse:
    """A customer may want to be asked for his factor at every sign-in, too."""
    if realm_of(request.path) is not Realm.PANEL:
        raise Http404
    if request.method != "POST":
        return _page(request, "door", _("Signing in"))
    is_shown = not _user(request).shows_factor  # what the proof was given for
    second_factor.show_at_door(_user(request), is_shown=is_shown, person=person_of(request), now=read_clock())
    use_up(request)
    messages.success(request, _("You are asked at every sign-in now.") if is_shown else _("Saved."))
    return _back(request)


def codes_of(request: HttpRequest) -> dict[str, Any]:
    """How many recovery codes he has, and whether that is worth a word."""
    left = recovery.left(_user(request))
    return {"codes_left": left, "codes_are_few": left is not None and left <= recovery.FEW}


def _user(request: HttpRequest) -> Any:
    return request.user


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{realm_of(request.path)}:factors")


def _page(request: HttpRequest, part: str, heading: str, status: int = 200, **context: Any) -> HttpResponse:
    realm = realm_of(request.path)
    addresses = {each: reverse(f"{realm}:{each}") for each in _PAGES}
    context = {"part": f"shared/factors/{part}.html", "heading": heading, "to": addresses, "realm": realm, **context}
    return render(request, f"{realm}/factors.html", context, status=status)


def addresses() -> list[URLPattern]:
    """The same names in both realms."""
    return [
        path("me/factors/", factors, name="factors"),
        path("me/factors/app/", app, name="app"),
        path("me/factors/passkey/", passkey, name="passkey"),
        path("me/factors/passkey/question", passkey_question, name="passkey_question"),
        path("me/factors/codes/", codes, name="codes"),
        path("me/factors/door/", door, name="door"),
        path("me/factors/<str:kind>/<int:factor_id>/removal/", removal, name="factor_removal"),
        path("proof/", proving.proof, name="proof"),
        path("proof/question", proving.question, name="question"),
    ]
