"""The form of the desk's own fields of a ticket."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.clock import now as read_clock
from tickets.policies.fields import LONGEST_TEXT
from tickets.services import fields as service
from web.desk import words
from web.desk.fields import FieldRefusal
from web.desk.numbers import digits
from web.desk.ticket import ticket_page
from web.shared.requests import DeskRequest

MOST_TYPED = LONGEST_TEXT * 2


@require_POST
def fields(request: DeskRequest, number: str) -> HttpResponse:
    number = digits(number)
    typed = _named(request, "field")
    try:
        service.fill(number, typed, shown=_named(request, "shown"), by=request.actor, now=read_clock())
    except service.Unfit as unfit:
        refused = FieldRefusal(typed, {key: words.word(words.REFUSALS, code) for key, code in unfit.errors.items()})
        return ticket_page(request, number, fields_refused=refused, status=400)
    messages.success(request, _("Saved."))
    return redirect("desk:ticket", number)


def _named(request: DeskRequest, what: str) -> dict[str, str]:
    """`field-7=…` as {"7": "…"}."""
    return {
        name.removeprefix(f"{what}-"): str(value)[:MOST_TYPED]
        for name, value in request.POST.items()
        if name.startswith(f"{what}-")
    }
