"""The page behind an invitation: a password and, outside demo, the app that shows the codes."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.clock import now as read_clock
from staff.services import people
from web.shared import enrolment, known_browser

KEY = "enrolling"  # session key: the secret shown as a picture, until a code of it was typed


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation(request: HttpRequest, where: str, token: str) -> HttpResponse:
    user = people.invited(where, token)
    if user is None:
        return render(request, "desk/invitation_void.html", status=410)
    totp_key = "" if settings.DEMO else request.session.setdefault(KEY, secrets.token_hex(20))
    errors = enrolment.errors(request, user, totp_key) if request.method == "POST" else {}
    if request.method != "POST" or errors:
        context = {"invited": user, "errors": errors, **(enrolment.picture(user.email, totp_key) if totp_key else {})}
        return render(request, "desk/invitation.html", context, status=400 if errors else 200)
    people.take_invitation(user, password=request.POST["password"], totp_key=totp_key, now=read_clock())
    request.session.flush()
    messages.success(request, _("Your access is ready. Sign in."))
    response = redirect("desk:login")
    user.refresh_from_db(fields=["password"])  # the mark holds for the new one
    known_browser.remember(request, response, user)  # the link came to his mailbox
    return response
