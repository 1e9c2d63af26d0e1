"""Several marked tickets into one of them: a page to choose which, the post, and its undo."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.services import merging as tickets
from tickets.services.merging import MOST_TOGETHER
from tickets.services.refused import Refused
from web.desk import words
from web.desk.bulk import tell_refused
from web.desk.numbers import digits
from web.shared.requests import DeskRequest


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def merging(request: DeskRequest) -> HttpResponse:
    """`?ticket=`, several times, says which; posted with `into` they become one."""
    if not request.actor.may(Perm.WORK_TICKETS):
        raise Http404
    sent = request.POST if request.method == "POST" else request.GET
    numbers = [digits(number) for number in sent.getlist("ticket")][: MOST_TOGETHER + 1]
    if request.method == "POST":
        return _merge(request, numbers, into=digits(request.POST.get("into", "")))
    rows = queries.merging_rows(request.actor, numbers, now=read_clock())
    if len(rows) < 2 or len(numbers) > MOST_TOGETHER:
        messages.error(request, words.word(words.REFUSALS, "merge_count"))
        return redirect("desk:queue")
    return render(request, "desk/merging.html", {"rows": rows})


def _merge(request: DeskRequest, numbers: list[str], *, into: str) -> HttpResponse:
    try:
        outcome = tickets.merge_all(numbers, into, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
        return redirect("desk:queue")
    tell_refused(request, outcome)
    if not outcome.done:
        return HttpResponseRedirect(_address("desk:merging", numbers))
    told = ngettext("%(count)s ticket is in this one now.", "%(count)s tickets are in this one now.", len(outcome.done))
    undo = _address("desk:parting", outcome.done)
    messages.success(request, told % {"count": len(outcome.done)}, extra_tags=undo)
    return redirect("desk:ticket", into)


@require_POST
def parting(request: DeskRequest) -> HttpResponse:
    numbers = [digits(number) for number in request.GET.getlist("ticket")]
    outcome = tickets.unmerge_all(numbers, by=request.actor, now=read_clock())
    if outcome.done:
        told = ngettext(
            "%(count)s ticket is on its own again.", "%(count)s tickets are on their own again.", len(outcome.done)
        )
        messages.success(request, told % {"count": len(outcome.done)})
    tell_refused(request, outcome)
    return redirect("desk:queue")


def _address(name: str, numbers: list[str] | tuple[str, ...]) -> str:
    return f"{reverse(name)}?{urlencode({'ticket': numbers}, doseq=True)}"
