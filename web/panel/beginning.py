"""Behind the link of somebody who lost all he proved himself with: a new password, and the app that shows his codes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from core.clock import now as read_clock
from customers.services import signing_in
from users import second_factor
from web.shared import enrolment, known_browser

KEY = "beginning"  # session key: the secret shown as a picture, until a code of it was typed


@sensitive_variables("token", "totp_key")
@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def beginning(request: HttpRequest, where: str, token: str) -> HttpResponse:
    user = signing_in.beginner(where, token)
    if user is None:
        return render(request, "panel/beginning_void.html", status=410)
    totp_key = request.session.setdefault(KEY, second_factor.new_key())
    errors = enrolment.errors(request, user, totp_key) if request.method == "POST" else {}
    if request.method != "POST" or errors:
        context = {"beginner": user, "errors": errors, **enrolment.picture(user.email, totp_key)}
        return render(request, "panel/beginning.html", context, status=400 if errors else 200)
    password = request.POST["password"]
    if not signing_in.begin_anew(where, token, password=password, totp_key=totp_key, now=read_clock()):
        return render(request, "panel/beginning_void.html", status=410)
    request.session.flush()
    messages.success(request, _("Your access is ready. Sign in."))
    response = redirect("panel:login")
    user.refresh_from_db(fields=["password"])  # the mark holds for the new one
    known_browser.remember(request, response, user)  # the link came to his mailbox
    return response
