"""Behind the link of a confirmation: what is asked, in the words that were mailed. Opening it changes nothing."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from core.clock import now as read_clock
from tickets.services.critical import proving
from tickets.services.refused import Refused


@sensitive_variables("token")
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    question = proving.question(token, now=read_clock())
    if question is None:
        return render(request, "public/confirm.html", {"outcome": "unknown"}, status=404)
    with translation.override(question.language):
        if request.method != "POST":
            outcome = "" if question.is_open or question.may_refuse else "over"
            return render(request, "public/confirm.html", {"question": question, "outcome": outcome})
        return _answer(request, token, question)


def _answer(request: HttpRequest, token: str, question: proving.Question) -> HttpResponse:
    now, error, status = read_clock(), "", 200
    try:
        if request.POST.get("answer") == "refuse":
            proving.refuse_by_mail(token, now=now)
            outcome = "refused"
        elif not request.POST.get("code", "").strip():
            outcome, error, status = "", _("Enter the code of the letter."), 400
        elif proving.confirm(token, request.POST["code"], now=now):
            outcome = "confirmed"
        else:
            outcome, error, status = "", _("This is not the code of the letter."), 400
    except Refused:
        outcome = "over"
    if outcome == "":
        question = proving.question(token, now=now) or question
        outcome = "" if question.is_open or question.may_refuse else "over"
    context = {"question": question, "outcome": outcome, "error": error}
    return render(request, "public/confirm.html", context, status=status)
