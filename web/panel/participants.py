"""Who takes part in a ticket: taken in and sent away by whoever asked, or decides about the account."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels_app import typed
from core.clock import now as read_clock
from tickets.contracts import Address
from tickets.services import participants
from tickets.services.refused import Refused
from web.panel.ticket import page
from web.shared.numbers import number_in
from web.shared.requests import PanelRequest


@require_POST
def adding(request: PanelRequest, public_id: UUID) -> HttpResponse:
    may_reply = request.POST.get("may_reply") == "1"
    try:
        participants.invite(request.customer, public_id, _whom(request), may_reply=may_reply, now=read_clock())
    except Refused as refusal:
        return page(request, public_id, status=400, people_error=_words(refusal))
    messages.success(request, _("Added. Nothing that was said before is shown to this person."))
    return redirect("panel:ticket", public_id)


def _whom(request: PanelRequest) -> Address | int:
    contact, email = request.POST.get("contact", ""), request.POST.get("email", "").strip()
    if contact and email:
        raise Refused("two_people")
    if not contact:
        return typed.one(email[:1000])
    if (number := number_in(contact)) is None:
        raise Refused("no_such_contact")
    return number


@require_POST
def removal(request: PanelRequest, public_id: UUID, person_id: int) -> HttpResponse:
    try:
        participants.dismiss(request.customer, public_id, person_id, now=read_clock())
    except Refused as refusal:
        return page(request, public_id, status=400, people_error=_words(refusal))
    messages.success(request, _("Removed. This person gets nothing more."))
    return redirect("panel:ticket", public_id)


def _words(refusal: Refused) -> str:
    words = {
        "two_people": _("Choose a person or write an address, not both."),
        "no_such_contact": _("Choose somebody of the list."),
        "takes_part_already": _("This address takes part already."),
        "too_many_recipients": _("Twenty people at most."),
        "own_address": _("This is an address of ours: what we write would come back to us."),
        "drop_requester": _("Whoever asked takes part to the end."),
        "no_such_recipient": _("This person does not take part."),
    }
    return words.get(refusal.code) or _("This is not an address mail can be sent to. It looks like name@example.com.")
