"""Changes of a ticket. Every one is a plain form: POST to a noun, then back to the page that sent it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.clock import now as read_clock
from tickets.access import visible_to
from tickets.enums import Kind, Scale, Status
from tickets.services import assignment, conversation, lifecycle, participants, side_letters, spam, tagging
from tickets.services import following as follow_up
from tickets.services.conversation import Refused
from web.desk import closing, words
from web.desk.numbers import digits
from web.desk.ticket import ticket_page
from web.shared.numbers import number_in
from web.shared.preferences import safe_next
from web.shared.requests import DeskRequest

P = ParamSpec("P")


def action(
    view: Callable[Concatenate[DeskRequest, str, P], str],
) -> Callable[Concatenate[DeskRequest, str, P], HttpResponse]:
    """Runs a change that gives the words of its success; tells a refusal in words and loses nothing."""

    @require_POST
    @wraps(view)
    def wrapper(request: DeskRequest, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        number = digits(number)
        try:
            messages.success(request, view(request, number, *args, **kwargs))
        except Refused as refusal:
            messages.error(request, words.word(words.REFUSALS, refusal.code))
        return _back(request, number)

    return wrapper


def _back(request: DeskRequest, number: str) -> HttpResponse:
    is_in_sight = visible_to(request.actor).filter(number=number).exists()  # it may have gone to another team
    home = reverse("desk:ticket", args=[number]) if is_in_sight else reverse("desk:queue")
    return HttpResponseRedirect(safe_next(request, home))


@action
def claim(request: DeskRequest, number: str) -> str:
    assignment.claim(number, by=request.actor, now=read_clock())
    return _("The ticket is yours.")


@action
def assignee(request: DeskRequest, number: str) -> str:
    """An empty `staff_id` puts the ticket back."""
    staff_id = request.POST.get("staff_id", "")
    if not staff_id:
        assignment.release(number, by=request.actor, now=read_clock())
        return _("The ticket is nobody's again.")
    assignment.assign(number, staff_id=_number(staff_id), by=request.actor, now=read_clock())
    return _("The ticket has a new assignee.")


@action
def following(request: DeskRequest, number: str) -> str:
    follow_up.follow(number, by=request.actor)
    return _("You follow the ticket.")


@action
def following_removal(request: DeskRequest, number: str) -> str:
    follow_up.unfollow(number, by=request.actor)
    return _("You do not follow the ticket any more.")


@action
def queue(request: DeskRequest, number: str) -> str:
    assignment.move_to_queue(number, queue_slug=request.POST.get("queue", ""), by=request.actor, now=read_clock())
    return _("The ticket is in another queue.")


@require_POST
def status(request: DeskRequest, number: str) -> HttpResponse:
    """Where something is promised still, the page asks what became of it before the ticket is done."""
    number, wanted = digits(number), _enum(Status, request.POST.get("status", ""))
    said = closing.said(request.POST)
    try:
        lifecycle.change_status(number, wanted, endings=closing.endings(said), by=request.actor, now=read_clock())
    except Refused as refusal:
        why = words.word(words.REFUSALS, refusal.code)
        if refusal.code in closing.ASKED_ANEW:
            asked = closing.ClosingRefusal(wanted.value, said, why)
            return ticket_page(request, number, closing_refused=asked, status=409)
        messages.error(request, why)
    else:
        messages.success(request, _("State changed."))
    return _back(request, number)


@action
def classification(request: DeskRequest, number: str) -> str:
    given = request.POST
    lifecycle.classify(
        number,
        kind=_enum(Kind, given.get("kind", "")),
        impact=_enum(Scale, _number(given.get("impact", ""))),
        urgency=_enum(Scale, _number(given.get("urgency", ""))),
        by=request.actor,
        now=read_clock(),
    )
    return _("Classified.")


@action
def language(request: DeskRequest, number: str) -> str:
    chosen = request.POST.get("language", "")
    if chosen not in words.LANGUAGES:
        raise Http404
    lifecycle.switch_language(number, chosen, by=request.actor, now=read_clock())
    return _("The ticket has another language.")


@action
def account(request: DeskRequest, number: str) -> str:
    chosen = _number(request.POST.get("account_id", ""))
    lifecycle.choose_account(number, account_id=chosen, by=request.actor, now=read_clock())
    return _("Account chosen.")


@action
def tags(request: DeskRequest, number: str) -> str:
    tagging.add(number, tag_id=_number(request.POST.get("tag", "")), by=request.actor, now=read_clock())
    return _("Tag added.")


@action
def tag_removal(request: DeskRequest, number: str, tag_id: int) -> str:
    tagging.remove(number, tag_id=tag_id, by=request.actor, now=read_clock())
    return _("Tag removed.")


@action
def spam_mark(request: DeskRequest, number: str) -> str:
    spam.mark(number, by=request.actor, now=read_clock())
    return _("Marked as spam: out of the queues, no clock runs.")


@action
def block(request: DeskRequest, number: str) -> str:
    rule = spam.block_sender(number, by=request.actor, now=read_clock())
    return _("%(sender)s is blocked, the ticket is spam.") % {"sender": rule.value}


@action
def spam_removal(request: DeskRequest, number: str) -> str:
    spam.unmark(number, by=request.actor, now=read_clock())
    return _("No spam: the ticket is back, its clock as if it had run all the time.")


@action
def acceptance(request: DeskRequest, number: str, public_id: UUID) -> str:
    conversation.accept_sender(number, message_public_id=str(public_id), by=request.actor, now=read_clock())
    return _("The sender takes part in the ticket now.")


@action
def refusal(request: DeskRequest, number: str, public_id: UUID) -> str:
    conversation.refuse_sender(number, message_public_id=str(public_id), by=request.actor, now=read_clock())
    return _("The message stays out of the conversation.")


@action
def side_acceptance(request: DeskRequest, number: str, public_id: UUID) -> str:
    side_letters.judge(number, letter_public_id=str(public_id), is_accepted=True, by=request.actor, now=read_clock())
    return _("Counted as an answer.")


@action
def side_refusal(request: DeskRequest, number: str, public_id: UUID) -> str:
    side_letters.judge(number, letter_public_id=str(public_id), is_accepted=False, by=request.actor, now=read_clock())
    return _("The letter stays out.")


@require_POST
def side_withdrawal(request: DeskRequest, number: str, public_id: UUID) -> HttpResponse:
    """Back to its draft, which is not the composer's first."""
    number = digits(number)
    try:
        side_letters.withdraw(number, letter_public_id=str(public_id), by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
        return redirect("desk:ticket", number)
    messages.success(request, _("Taken back: the letter is a draft again, nothing was sent."))
    return HttpResponseRedirect(reverse("desk:ticket", args=[number]) + "?mode=side#side")


@require_POST
def recipient_removal(request: DeskRequest, number: str, person_id: int) -> HttpResponse:
    number = digits(number)
    try:
        person = participants.drop(number, person_id, by=request.actor, now=read_clock())
    except Refused as refusal:
        messages.error(request, words.word(words.REFUSALS, refusal.code))
    else:
        undo = reverse("desk:recipient_return", args=[number, person.pk])
        messages.success(request, _("%(who)s gets nothing more.") % {"who": person.email}, extra_tags=undo)
    return redirect("desk:ticket", number)


@action
def recipient_return(request: DeskRequest, number: str, person_id: int) -> str:
    person = participants.take_back(number, person_id, by=request.actor, now=read_clock())
    return _("%(who)s is among the recipients again.") % {"who": person.email}


@action
def recipient_reply(request: DeskRequest, number: str, person_id: int) -> str:
    may_reply = request.POST.get("may_reply") == "1"
    person = participants.set_reply(number, person_id, may_reply=may_reply, by=request.actor, now=read_clock())
    said = _("What %(who)s writes is an answer.") if may_reply else _("What %(who)s writes is held.")
    return said % {"who": person.email}


@action
def withdrawal(request: DeskRequest, number: str, public_id: UUID) -> str:
    conversation.withdraw(number, message_public_id=str(public_id), by=request.actor, now=read_clock())
    return _("Taken back: the reply is a draft again, nothing was sent.")


@action
def sending(request: DeskRequest, number: str, copy_id: int) -> str:
    conversation.send_again(number, copy_id=copy_id, by=request.actor, now=read_clock())
    return _("Queued to be sent again.")


def _number(value: str) -> int:
    if (number := number_in(value)) is None:
        raise Http404
    return number


def _enum(kind: Any, value: str | int) -> Any:
    """A value no form of ours offers is an address that does not exist."""
    try:
        return kind(value)
    except ValueError:
        raise Http404 from None
