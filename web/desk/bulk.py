"""Changes of the tickets marked in a list, and the undo of one. Plain forms, as for a single ticket."""

from collections import defaultdict
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.clock import now as read_clock
from tickets.enums import BulkAction, Status
from tickets.numbers import pretty
from tickets.services import bulk
from tickets.services.bulk import Outcome
from tickets.services.conversation import Refused
from web.desk import words
from web.desk.numbers import digits
from web.shared.preferences import safe_next
from web.shared.requests import DeskRequest

MOST_NAMED = 5  # numbers said in one notice


@require_POST
def changes(request: DeskRequest) -> HttpResponse:
    """The button pressed says by its name what to do: `assign`, `queue`, `status`, `tag`, `spam` or `merge`."""
    if "merge" in request.POST:
        marked = [digits(number) for number in request.POST.getlist("ticket")]
        return HttpResponseRedirect(f"{reverse('desk:merging')}?{urlencode({'ticket': marked}, doseq=True)}")
    action = next((each for each in BulkAction if each in request.POST), None)
    value = request.POST.get(action or "", "")
    if action is None or (action is BulkAction.STATUS and value not in list(Status)):
        raise Http404
    numbers = [digits(number) for number in request.POST.getlist("ticket")]
    try:
        outcome = bulk.change(numbers, action, value, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        if outcome.done:
            told = ngettext("%(count)s ticket changed.", "%(count)s tickets changed.", len(outcome.done))
            undo = reverse("desk:undo", args=[outcome.undo]) if outcome.undo else ""
            messages.success(request, told % {"count": len(outcome.done)}, extra_tags=undo)
        tell_refused(request, outcome)
    return _back(request)


@require_POST
def undo(request: DeskRequest, public_id: UUID) -> HttpResponse:
    try:
        outcome = bulk.undo(str(public_id), by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        if outcome.done:
            told = ngettext("%(count)s ticket is as it was.", "%(count)s tickets are as they were.", len(outcome.done))
            messages.success(request, told % {"count": len(outcome.done)})
        tell_refused(request, outcome)
    return _back(request)


def tell_refused(request: DeskRequest, outcome: Outcome) -> None:
    """One notice for each reason."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for number, code in outcome.refused.items():
        by_reason[code].append(number)
    for code, numbers in by_reason.items():
        named = ", ".join(pretty(number) for number in numbers[:MOST_NAMED])
        if len(numbers) > MOST_NAMED:
            named = _("%(numbers)s and %(count)s more") % {"numbers": named, "count": len(numbers) - MOST_NAMED}
        told = {"numbers": named, "why": words.word(words.REFUSALS, code)}
        messages.error(request, _("Not changed: %(numbers)s. %(why)s") % told)


def _back(request: DeskRequest) -> HttpResponse:
    return HttpResponseRedirect(safe_next(request, reverse("desk:queue")))
