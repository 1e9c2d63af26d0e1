"""Erasing what somebody asked, for a reason, with a fresh second factor; the acts of it, to print.

An address is always sent in the body: addresses of pages stand in logs.
"""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from privacy import erasing, queries
from privacy.erasing import Refused, Scope
from tickets.numbers import pretty
from web.setup.access import for_administrators
from web.shared.proof import asked, has_devices, proves, wrong
from web.shared.requests import DeskRequest

COUNTED: dict[str, str | Promise] = {
    "contacts": gettext_lazy("Contacts on file"),
    "tickets": gettext_lazy("Tickets"),
    "messages": gettext_lazy("Messages in them"),
    "notes": gettext_lazy("Notes in them"),
    "files": gettext_lazy("Files in them"),
    "refused": gettext_lazy("Mails that were refused"),
}
REFUSED: dict[str, str | Promise] = {
    "bad_email": gettext_lazy("This is no e-mail address."),
    "nothing": gettext_lazy("Nothing of this address is kept."),
    "unfinished": gettext_lazy("Not all tickets are closed. Close them first."),
    "undecided": gettext_lazy("Mail of this address waits in quarantine or is not read yet. Decide about it first."),
    "only_owner": gettext_lazy("He is the only owner of an account. Make somebody else its owner first."),
    "administrative": gettext_lazy(
        "An account is decided about from this address. Change its administrative address first."
    ),
    "no_reason": gettext_lazy("Say why it is erased."),
    "names_him": gettext_lazy("The act is kept for ever: leave the address out of it."),
}
_OF_ADDRESS = ("bad_email", "nothing")


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    return _page(request)


@require_POST
@for_administrators
def search(request: DeskRequest) -> HttpResponse:
    """Shows what would go, and changes nothing."""
    try:
        return _page(request, scope=erasing.scope_of(request.POST.get("email", ""), by=request.actor))
    except Refused as refused:
        return _page(request, errors={"email": str(REFUSED[refused.code])}, status=409)


@sensitive_post_parameters("code", "passkey")
@require_POST
@for_administrators
def destructions(request: DeskRequest) -> HttpResponse:
    email, reason = request.POST.get("email", ""), request.POST.get("reason", "")
    scope = None
    try:
        scope = erasing.scope_of(email, by=request.actor)
        erasing.checked(scope, reason)
        # A code counts once: it is asked last, so that another fault does not use it up.
        if has_devices(request.user) and not proves(request, request.user):
            errors = {"code": wrong(request)}
            return _page(request, scope=scope, errors=errors, status=409)
        number = erasing.erase(email, reason=reason, by=request.actor, now=read_clock())
    except Refused as refused:
        field = "email" if refused.code in _OF_ADDRESS else "reason"
        return _page(request, scope=scope, errors={field: str(REFUSED[refused.code])}, status=409)
    return redirect("setup:privacy_destruction", number=number)


@require_safe
@for_administrators
def destruction(request: DeskRequest, number: int) -> HttpResponse:
    act = queries.act(number)
    if act is None:
        raise Http404
    context = {"act": act, "counts": _counts(act.counts), "numbers": [pretty(each) for each in act.tickets]}
    return render(request, "setup/privacy_act.html", context)


def _counts(counts: dict[str, int]) -> list[tuple[str | Promise, int]]:
    return [(words, counts[code]) for code, words in COUNTED.items() if code in counts]


def _page(
    request: DeskRequest, *, scope: Scope | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "email": request.POST.get("email", ""),
        "reason": request.POST.get("reason", ""),
        "most_reason": erasing.MOST_REASON,
        "scope": scope,
        "counts": _counts(scope.counts) if scope else [],
        "unfinished": [pretty(each) for each in scope.unfinished] if scope else [],
        "stops": [REFUSED[code] for code in erasing.stops(scope)] if scope else [],
        "factor": asked(request, request.user),
        "acts": queries.acts(),
        "errors": errors or {},
    }
    return render(request, "setup/privacy.html", context, status=status)
