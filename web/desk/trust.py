"""Who asks, and may they: proofs a colleague enters, critical actions, pressure, and the glass to break."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assurance.access import card
from assurance.policies.critical import ANSWERS, DOCUMENTS, IDENTITY
from channels_app import typed
from core.clock import now as read_clock
from core.trust import Level
from staff.roles import Perm
from tickets.queries.critical import trust_page
from tickets.services import proofs
from tickets.services.critical import acting, anew, pressing, proving
from tickets.services.refused import Refused
from web.desk import words
from web.desk.numbers import digits
from web.shared.numbers import number_in
from web.shared.refusals import OF_ADDRESS
from web.shared.requests import DeskRequest

_FIELDS = {
    "bad_email": "new_email",
    **dict.fromkeys(OF_ADDRESS, "new_email"),
    "no_such_sign_in": "login",
    "factor_of_other_accounts": "login",
    "wrong_code": "code",
    "codes_barred": "code",
    "no_such_phone": "phone",
    "no_reason_for_glass": "reason",
}  # whose fault a refusal is, beside "missing_…"


@require_safe
@never_cache
def page(request: DeskRequest, number: str) -> HttpResponse:
    return _page(request, number)


def _page(request: DeskRequest, number: str, *, status: int = 200, **more: object) -> HttpResponse:
    found = trust_page(request.actor, digits(number), now=read_clock())
    context = {
        "page": found,
        "now": read_clock(),
        "may_act": request.actor.may(Perm.EXECUTE_ACTIONS),
        "may_lift": request.actor.may(Perm.LIFT_PRESSURE),
        "may_break": request.actor.may(Perm.BREAK_GLASS),
        "documents": DOCUMENTS,
        "answers": ANSWERS,
        "kind": request.POST.get("kind", ""),
        "typed": request.POST,
        **more,
    }
    return render(request, "desk/trust.html", context, status=status)


def _refused(request: DeskRequest, number: str, refusal: Refused) -> HttpResponse:
    """By the field whose fault it is, `at`; else by its form. In any case at the head of the page."""
    is_missing = refusal.code.startswith("missing_")
    field = refusal.code.removeprefix("missing_") if is_missing else _FIELDS.get(refusal.code, "")
    kind = request.POST.get("kind", "")
    at = f"{kind}-{field}" if kind and field else field
    told = words.word(words.REFUSALS, refusal.code)
    return _page(request, number, status=409, refusal=told, at=at)


def _done(request: DeskRequest, number: str, act: Callable[[], object], told: str = "") -> HttpResponse:
    """Acts and goes back to the page; a refusal is shown there, with what was typed."""
    try:
        act()
    except Refused as refusal:
        return _refused(request, number, refusal)
    if told:
        messages.success(request, told)
    return redirect("desk:trust", digits(number))


@require_POST
def actions(request: DeskRequest, number: str) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in words.PARAMETERS if name in request.POST}

    def act() -> None:
        if email := given.get("new_email", "").strip():
            given["new_email"] = typed.one(email).email
        acting.request(digits(number), request.POST.get("kind", ""), given, by=request.actor, now=read_clock())

    return _done(request, number, act, _("It is asked for. Now it needs its proof."))


@require_POST
def confirmation(request: DeskRequest, number: str) -> HttpResponse:
    """The button of the ticket page: the administrative address says whether this request is its own."""
    now = read_clock()
    try:
        action = acting.request(digits(number), IDENTITY, {}, by=request.actor, now=now)
        proving.ask_by_mail(action.public_id, by=request.actor, now=now)
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        messages.success(request, _("The administrative address was asked. The clock waits for the answer."))
    return redirect("desk:ticket", digits(number))


@require_POST
def step(request: DeskRequest, number: str, action_id: UUID, noun: str) -> HttpResponse:
    steps: dict[str, Callable[..., object]] = {
        "question": proving.ask_by_mail,
        "execution": acting.execute,
        "second": acting.second,
        "cancellation": acting.cancel,
        "document": proving.accept_document,
        "link": anew.send_link,
    }
    return _done(request, number, lambda: steps[noun](action_id, by=request.actor, now=read_clock()))


def _phone(request: DeskRequest) -> int:
    if (point := number_in(request.POST.get("phone", ""))) is None:
        raise Refused("no_such_phone")
    return point


@require_POST
def action_calls(request: DeskRequest, number: str, action_id: UUID) -> HttpResponse:
    """A number on file was called about it."""

    def act() -> None:
        anew.called(action_id, _phone(request), request.POST.get("answer", ""), by=request.actor, now=read_clock())

    return _done(request, number, act)


@require_POST
def code(request: DeskRequest, number: str) -> HttpResponse:
    def act() -> None:
        typed = request.POST.get("code", "")
        if not proofs.enter_code(digits(number), typed, by=request.actor, now=read_clock()):
            raise Refused("wrong_code")

    return _done(request, number, act, _("The code is right."))


@require_POST
def call_back(request: DeskRequest, number: str) -> HttpResponse:
    def act() -> None:
        proofs.called_back(digits(number), _phone(request), by=request.actor, now=read_clock())

    return _done(request, number, act, _("The call back is noted."))


@require_POST
@never_cache
def our_code(request: DeskRequest, number: str) -> HttpResponse:
    """Shown once, on the answer itself."""
    try:
        made = proofs.our_code(digits(number), by=request.actor, now=read_clock())
    except Refused as refusal:
        return _refused(request, number, refusal)
    return _page(request, number, our_code=f"{made[:3]} {made[3:]}")


@require_POST
def pressure(request: DeskRequest, number: str) -> HttpResponse:
    told = _("Critical actions of this account wait until a lead has looked. Thank you for saying so.")
    return _done(request, number, lambda: pressing.press(digits(number), by=request.actor, now=read_clock()), told)


@require_POST
def pressure_removal(request: DeskRequest, number: str) -> HttpResponse:
    return _done(request, number, lambda: pressing.lift(digits(number), by=request.actor, now=read_clock()))


@require_POST
@never_cache
def glass(request: DeskRequest, number: str) -> HttpResponse:
    """The closed fields, on this one answer alone."""
    reason = request.POST.get("reason", "")
    try:
        ticket = proofs.break_glass(digits(number), reason, by=request.actor, now=read_clock())
    except Refused as refusal:
        return _refused(request, number, refusal)
    assert ticket.account_id is not None
    return _page(request, number, opened=card(request.actor, ticket.account_id, level=Level.AUTHORISED))
