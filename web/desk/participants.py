"""Who takes part in a ticket, at its page: taken in, let speak or held."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels_app import typed
from core.clock import now as read_clock
from tickets.services import participants
from tickets.services.refused import Refused
from web.desk import words
from web.desk.numbers import digits
from web.desk.ticket import ticket_page
from web.shared.requests import DeskRequest

MOST_TYPED = 300


@dataclass(frozen=True, slots=True)
class Invitation:
    """The form that came back: what was typed and why nobody was taken in."""

    email: str
    may_reply: bool
    error: str


@require_POST
def adding(request: DeskRequest, number: str) -> HttpResponse:
    number = digits(number)
    email, may_reply = request.POST.get("email", "")[:MOST_TYPED], request.POST.get("may_reply") == "1"
    try:
        person = participants.add(number, typed.one(email), may_reply=may_reply, by=request.actor, now=read_clock())
    except Refused as refusal:
        back = Invitation(email, may_reply, words.word(words.REFUSALS, refusal.code))
        return ticket_page(request, number, invitation=back, status=400)
    messages.success(request, _("%(who)s takes part from now on.") % {"who": person.email})
    return redirect("desk:ticket", number)
