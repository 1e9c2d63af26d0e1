"""Critical actions that wait for whoever may authorise them, and the second factor they need."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_otp import devices_for_user, match_token

from assurance.policies.critical import FACTOR_IS_FRESH
from core.clock import now as read_clock
from core.trust import Level
from tickets.queries.critical import actions_for
from tickets.services.critical import proving
from tickets.services.refused import Refused
from users import second_factor
from web.panel.session import factor_age, factor_given
from web.shared import enrolment
from web.shared.preferences import safe_next
from web.shared.requests import PanelRequest

KEY = "panel_enrolling"


@require_safe
@never_cache
def decision(request: PanelRequest, action_id: UUID) -> HttpResponse:
    found = next((each for each in actions_for(request.customer) if each.public_id == action_id), None)
    if found is None:
        raise Http404
    age = factor_age(request, now=read_clock())
    context = {
        "action": found,
        "needs_factor": found.level_needed > Level.AUTHORISED and (age is None or age > FACTOR_IS_FRESH),
    }
    return render(request, "panel/decision.html", context)


@require_POST
def approval(request: PanelRequest, action_id: UUID) -> HttpResponse:
    now = read_clock()
    try:
        age = factor_age(request, now=now)
        proving.approve(action_id, customer=request.customer, factor_age=age, now=now)
    except Refused as refusal:
        if refusal.code == "fresh_factor_needed":
            return redirect(f"{reverse('panel:proof')}?next={reverse('panel:decision', args=[action_id])}")
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


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: PanelRequest) -> HttpResponse:
    """A code of the app, for the next five minutes. Whoever has no app yet begins with one."""
    target = safe_next(request, reverse("panel:home"))
    if not any(devices_for_user(request.user)):
        return redirect(f"{reverse('panel:second_factor')}?next={target}")
    refused, counts_from = "", second_factor.counts_from(request.user)
    if counts_from is not None and counts_from > read_clock():
        context = {"next": target, "counts_from": counts_from}
        return render(request, "panel/proof.html", context, status=409)
    if request.method == "POST":
        if match_token(request.user, request.POST.get("code", "").replace(" ", "")) is not None:
            factor_given(request, now=read_clock())
            return redirect(target)
        refused = _("The code is wrong or was used already.")
    return render(request, "panel/proof.html", {"next": target, "error": refused}, status=400 if refused else 200)


@sensitive_post_parameters("code", "password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin_second_factor(request: PanelRequest) -> HttpResponse:
    """With the password once more: a session left open must not be enough to become strongly authorised."""
    target = safe_next(request, reverse("panel:home"))
    if any(devices_for_user(request.user)):
        return redirect(f"{reverse('panel:proof')}?next={target}")
    key = request.session.setdefault(KEY, second_factor.new_key())
    errors = {}
    if request.method == "POST":
        if not request.user.check_password(request.POST.get("password", "")):
            errors["password"] = _("This is not your password.")
        elif not enrolment.fits(key, request.POST.get("code", "")):
            errors["code"] = _("This code does not fit. Wait for the next one.")
        else:
            second_factor.begin(request.user, key)
            proving.announce_factor(request.customer, now=read_clock())
            del request.session[KEY]
            messages.success(request, _("The second factor is on."))
            return redirect(target)
    context = {"next": target, "errors": errors, **enrolment.picture(request.user.email, key)}
    return render(request, "panel/second_factor.html", context, status=400 if errors else 200)
