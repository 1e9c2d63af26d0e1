"""Erasing what somebody asked, for a reason, with a fresh second factor; the acts of it and of the rules, to print.

An address is always sent in the body: addresses of pages stand in logs.
"""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core import look
from core.clock import now as read_clock
from privacy import erasing, queries
from privacy import retention as rules_of_desk
from privacy.erasing import Refused, Scope
from tickets.numbers import pretty
from web.setup import retention
from web.setup.access import for_administrators
from web.setup.retention import KINDS
from web.shared.proof import asked, has_devices, proves, wrong
from web.shared.requests import DeskRequest

COUNTED: dict[str, str | Promise] = {
    "contacts": gettext_lazy("Contacts on file"),
    "tickets": gettext_lazy("Tickets"),
    "messages": gettext_lazy("Messages in them"),
    "notes": gettext_lazy("Notes in them"),
    "files": gettext_lazy("Files in them"),
    "elsewhere": gettext_lazy("Tickets of others he took part in"),
    "written_there": gettext_lazy("His messages in them"),
    "calls": gettext_lazy("Calls"),
    "actions": gettext_lazy("Critical actions that name him: their words"),
    "refused": gettext_lazy("Mails that were refused"),
    "mails": gettext_lazy("Letters as they came"),
    **{code: kind.name for code, kind in KINDS.items() if code not in {"tickets", "spam", "mail"}},
}
REFUSED: dict[str, str | Promise] = {
    "bad_email": gettext_lazy("This is neither an address nor a telephone number, nor the login of somebody on file."),
    "nothing": gettext_lazy("Nothing of him is kept."),
    "unfinished": gettext_lazy("Not all tickets are closed. Close them first."),
    "kept": gettext_lazy("Some tickets are kept from destruction. Whoever keeps them must let them go first."),
    "open_action": gettext_lazy("A critical action that names him is still open. Decide about it first."),
    "importing": gettext_lazy("An import with a line about him is at work. Let it end first."),
    "undecided": gettext_lazy("Mail of this address waits in quarantine or is not read yet. Decide about it first."),
    "only_owner": gettext_lazy("He is the only owner of an account. Make somebody else its owner first."),
    "administrative": gettext_lazy(
        "An account is decided about from this address. Change its administrative address first."
    ),
    "no_reason": gettext_lazy("Say why it is erased."),
    "names_him": gettext_lazy("The act is kept for ever: leave names, addresses and numbers out of it."),
}
_OF_ADDRESS = ("bad_email", "nothing")


@require_safe
@for_administrators
def overview(request: DeskRequest) -> HttpResponse:
    return page(request)


@require_POST
@for_administrators
def search(request: DeskRequest) -> HttpResponse:
    """Shows what would go, and changes nothing."""
    try:
        return page(request, scope=erasing.scope_of(request.POST.get("email", ""), by=request.actor))
    except Refused as refused:
        return page(request, errors={"email": str(REFUSED[refused.code])}, status=409)


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
            errors = {"code": wrong(request, request.user)}
            return page(request, scope=scope, errors=errors, status=409)
        number = erasing.erase(email, reason=reason, by=request.actor, now=read_clock())
    except Refused as refused:
        field = "email" if refused.code in _OF_ADDRESS else "reason"
        return page(request, scope=scope, errors={field: str(REFUSED[refused.code])}, status=409)
    return redirect("setup:privacy_destruction", number=number)


@sensitive_post_parameters("code", "passkey")
@require_POST
@for_administrators
def rules(request: DeskRequest) -> HttpResponse:
    """`look` shows what would go by the days typed, and changes nothing."""
    typed = {code: request.POST.get(f"days_{code}", "") for code in rules_of_desk.KINDS}
    now = read_clock()
    try:
        days = rules_of_desk.read(typed)
    except rules_of_desk.Refused as refused:
        return page(request, rows=retention.rows(now, typed=typed, refused=refused.errors), status=409)
    if "look" in request.POST:
        return page(request, rows=retention.rows(now, days=days))
    if has_devices(request.user) and not proves(request, request.user):
        errors = {"rules_code": wrong(request, request.user)}
        return page(request, rows=retention.rows(now, days=days), errors=errors, status=409)
    rules_of_desk.set_rules(days, by=request.actor, now=now)
    return redirect("setup:privacy")


@require_safe
@for_administrators
def destruction(request: DeskRequest, number: int) -> HttpResponse:
    found = queries.act(number)
    if found is None:
        raise Http404
    context = {
        "act": found.act,
        "kind": KINDS.get(found.act.basis),
        "counts": _counts(found.act.counts),
        "numbers": [pretty(each) for each in found.act.tickets],
        "entries": [(entry, [each for each in _counts(entry.counts) if each[1]]) for entry in found.entries],
        "is_cut": found.is_cut,
        "desk": look.current().name,
    }
    return render(request, "setup/privacy_act.html", context)


def _counts(counts: dict[str, int]) -> list[tuple[str | Promise, int]]:
    return [(words, counts[code]) for code, words in COUNTED.items() if code in counts]


def page(
    request: DeskRequest,
    *,
    rows: Sequence[Any] | None = None,
    scope: Scope | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`rows`: rules as they were typed."""
    now = read_clock()
    shown = queries.acts(before=request.GET.get("before", ""), basis=request.GET.get("basis", ""))
    rows = rows if rows is not None else retention.rows(now)
    context = {
        "rules": rows,
        "email": request.POST.get("email", ""),
        "reason": request.POST.get("reason", ""),
        "most_reason": erasing.MOST_REASON,
        "scope": scope,
        "counts": _counts(scope.counts) if scope else [],
        "unfinished": [pretty(each) for each in {*scope.unfinished, *scope.kept}] if scope else [],
        "stops": [REFUSED[code] for code in scope.stops] if scope else [],
        "factor": asked(request, request.user),
        "acts": [(act, KINDS[act.basis].name if act.basis in KINDS else "") for act in shown.acts],
        "next_before": shown.next_before,
        "basis": shown.basis,
        "bases": [(code, kind.name) for code, kind in KINDS.items()],
        "errors": {**{f"days_{row.code}": row.error for row in rows if row.error}, **(errors or {})},
    }
    return render(request, "setup/privacy.html", context, status=status)
