"""People of the desk: who they are, what they may do, and the end of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now as read_clock
from staff import queries
from staff.roles import Role
from staff.services import people as services
from staff.services.people import About, Refused
from tickets.services import staffing
from users import app_codes, sessions
from users.models import Realm
from web.setup import words
from web.setup.access import for_administrators
from web.shared.proof import Act, Asks, asks, use_up
from web.shared.requests import DeskRequest


@require_safe
@for_administrators
def people(request: DeskRequest) -> HttpResponse:
    people = queries.people()
    closed = app_codes.closed_of([each.user_id for each in people], now=read_clock())
    context = {"people": people, "team_names": _team_names(), "closed": closed}
    return render(request, "setup/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def invitation(request: DeskRequest) -> HttpResponse:
    """Invites somebody. What was typed stays when it is refused."""
    if request.method != "POST":
        return _form(request, {"role": Role.AGENT.value})
    email = request.POST.get("email", "")
    try:
        services.invite(email, _about(request), by=request.actor.key, now=read_clock())
    except Refused as refused:
        return _form(request, _typed(request), refused=refused)
    messages.success(request, _("Invited. The letter is on its way to %(email)s.") % {"email": email.strip()})
    return redirect("setup:people")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def person(request: DeskRequest, staff_id: int) -> HttpResponse:
    known = _known(staff_id)
    if request.method != "POST":
        return _form(request, {field: getattr(known, field) for field in FIELDS}, known=known)
    try:
        services.change(staff_id, _about(request), by=request.actor.key, now=read_clock())
    except Refused as refused:
        return _form(request, _typed(request), known=known, refused=refused)
    messages.success(request, _("Saved."))
    return redirect("setup:people")


@require_POST
@for_administrators
def blocking(request: DeskRequest, staff_id: int) -> HttpResponse:
    def block() -> str:
        released = staffing.block(staff_id, by=request.actor, now=read_clock())
        return ngettext(
            "Blocked. %(n)s ticket is nobody's again.", "Blocked. %(n)s tickets are nobody's again.", released
        ) % {"n": released}

    return _done(request, block)


@require_POST
@for_administrators
def unblocking(request: DeskRequest, staff_id: int) -> HttpResponse:
    def unblock() -> str:
        services.unblock(staff_id, by=request.actor.key, now=read_clock())
        return _("The person may sign in again. The tickets stay where they are.")

    return _done(request, unblock)


def _known(staff_id: int) -> queries.PersonView:
    known = queries.person(staff_id)
    if known is None:
        raise Http404
    return known


def _recovers(request: DeskRequest, staff_id: int) -> Act:
    known = _known(staff_id)
    words = _("Begin the recovery of a colleague's access: password, factors, codes and sessions end")
    return Act(words, ((_("Colleague"), known.name), (_("Sign-in"), known.email)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
@asks(Asks.FACTOR, _recovers)
def recovery(request: DeskRequest, staff_id: int) -> HttpResponse:
    """For a colleague who has lost factor and codes. Whoever begins it proves himself first."""
    if request.method != "POST":
        return render(request, "setup/people_recovery.html", {"known": _known(staff_id)})

    def begin() -> str:
        services.begin_recovery(staff_id, by=request.actor.key, now=read_clock())
        return _("Begun. A letter with a new link is on its way.")

    use_up(request)
    return _done(request, begin)


def _opens_app(request: DeskRequest, staff_id: int) -> Act:
    known = _known(staff_id)
    words = _("Take codes of a colleague's app again, which too many wrong ones had closed")
    return Act(words, ((_("Colleague"), known.name), (_("Sign-in"), known.email)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
@asks(Asks.FACTOR, _opens_app)
def code_app(request: DeskRequest, staff_id: int) -> HttpResponse:
    """For a colleague whose app is closed by wrong codes. Whoever opens it proves himself first."""
    if request.method != "POST":
        return render(request, "setup/people_code_app.html", {"known": _known(staff_id)})

    def begin() -> str:
        services.open_app(staff_id, by=request.actor.key, now=read_clock())
        return _("Codes of the app are taken again.")

    use_up(request)
    return _done(request, begin)


@require_POST
@for_administrators
def letter(request: DeskRequest, staff_id: int) -> HttpResponse:
    def send() -> str:
        services.invite_again(staff_id, by=request.actor.key, now=read_clock())
        return _("Another letter is on its way.")

    return _done(request, send)


@require_POST
@for_administrators
def session_end(request: DeskRequest, staff_id: int, signed_in_id: int) -> HttpResponse:
    def end() -> str:
        services.end_sessions(staff_id, signed_in_id=signed_in_id, by=request.actor.key, now=read_clock())
        return _("Ended: whoever was signed in there has to sign in again.")

    return _done(request, end, to=staff_id)


@require_POST
@for_administrators
def sessions_end(request: DeskRequest, staff_id: int) -> HttpResponse:
    """All of a person; an administrator who looks at himself keeps the one he asks from."""

    def end() -> str:
        this = request.session.session_key
        ended = services.end_sessions(staff_id, but=this, by=request.actor.key, now=read_clock())
        return ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended}

    return _done(request, end, to=staff_id)


def _team_names() -> dict[str, str]:
    is_russian = (get_language() or "").startswith("ru")
    return {team.slug: team.name_ru if is_russian else team.name_en for team in queries.teams()}


def _done(request: DeskRequest, act: Callable[[], str], *, to: int | None = None) -> HttpResponse:
    try:
        messages.success(request, act())
    except Refused as refused:
        if refused.code == "nobody":
            raise Http404 from None
        messages.error(request, words.of_refusal(refused.code))
    return redirect("setup:people_person", to) if to else redirect("setup:people")


FIELDS = ("email", "name", "public_name", "role", "teams", "language")


def _typed(request: DeskRequest) -> dict[str, Any]:
    return {**{field: request.POST.get(field, "") for field in FIELDS}, "teams": request.POST.getlist("teams")}


def _about(request: DeskRequest) -> About:
    given = request.POST
    try:
        role = Role(given.get("role", ""))
    except ValueError:
        raise Http404 from None  # no form of ours offers it
    language = given.get("language", "")
    return About(
        given.get("name", ""),
        role,
        tuple(given.getlist("teams")),
        given.get("public_name", ""),
        language if language in ("ru", "en") else "",
    )


def _form(
    request: DeskRequest,
    typed: dict[str, Any],
    *,
    known: queries.PersonView | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    errors = {refused.field or "role": words.of_refusal(refused.code)} if refused else {}
    context = {
        "typed": typed,
        "known": known,
        "errors": errors,
        "teams": _team_names().items(),
        "roles": words.ROLES.items(),
        "sessions": sessions.of_user(
            known.user_id, realm=Realm.DESK, now=read_clock(), this=request.session.session_key
        )
        if known
        else (),
    }
    return render(request, "setup/people_form.html", context, status=400 if refused else 200)
