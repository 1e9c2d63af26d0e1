"""Critical actions that wait for whoever may authorise them, and the second factor they need."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.clock import now as read_clock
from tickets.queries.critical import ActionView, actions_for
from tickets.services.critical import proving
from tickets.services.refused import Refused
from users import second_factor
from web.shared import words
from web.shared.proof import Act, Asks, given, proof_page, proven_for
from web.shared.requests import PanelRequest


def _found(request: PanelRequest, action_id: UUID) -> ActionView:
    found = next((each for each in actions_for(request.customer) if each.public_id == action_id), None)
    if found is None:
        raise Http404
    return found


def _act(request: PanelRequest, action_id: UUID) -> Act:
    found = _found(request, action_id)
    details = [(_("Account"), found.account), (_("Ticket"), found.pretty_number)]
    for name, value in found.parameters:
        shown = words.word(words.DOCUMENTS, value) if name == "document" else value
        details.append((words.word(words.PARAMETERS, name), shown))
    return Act(found.words, tuple(details))


@require_safe
@never_cache
@proven_for(Asks.LASTING, _act)
def decision(request: PanelRequest, action_id: UUID) -> HttpResponse:
    found = _found(request, action_id)
    needs_factor = _factor_age(request, action_id, now=read_clock()) is None
    lacks_factor = needs_factor and not second_factor.of_user(request.user)
    context = {"action": found, "needs_factor": needs_factor, "lacks_factor": lacks_factor}
    return render(request, "panel/decision.html", context)


@require_POST
def approval(request: PanelRequest, action_id: UUID) -> HttpResponse:
    now = read_clock()
    try:
        age = _factor_age(request, action_id, now=now)
        proving.approve(action_id, customer=request.customer, factor_age=age, now=now)
    except Refused as refusal:
        if refusal.code == "fresh_factor_needed":
            return redirect(proof_page(request, reverse("panel:decision", args=[action_id])))
        messages.error(request, _("This was answered already, or its time is over. Nothing changes any more."))
    else:
        messages.success(request, _("Confirmed. Everybody who may decide about the account is told."))
    return redirect("panel:decision", action_id)


@require_POST
def refusal(request: PanelRequest, action_id: UUID) -> HttpResponse:
    try:
        proving.refuse(action_id, customer=request.customer, now=read_clock())
    except Refused:
        messages.error(request, _("This was answered already, or its time is over. Nothing changes any more."))
    else:
        messages.success(request, _("Refused. Nothing is done, and a senior colleague looks into it now."))
    return redirect("panel:decision", action_id)


def _factor_age(request: PanelRequest, action_id: UUID, *, now: datetime) -> timedelta | None:
    """Since the factor given for this very action; None without one that counts in full."""
    act = _act(request, action_id).digest(reverse("panel:decision", args=[action_id]))
    found = given(request, act, now=now)
    return found[1] if found and found[0].suffices(Asks.LASTING) else None
