"""The composer's posts: replies, notes, drafts."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from channels_app import typed
from core.clock import now as read_clock
from tickets import queries
from tickets.access import get_ticket_for
from tickets.policies.ask_lists import added
from tickets.queries import QueueFilter
from tickets.services import conversation, drafts
from tickets.services import side_letters as side
from tickets.services.drafts import NewerDraft, Writing
from tickets.services.replies import Envelope, WroteMeanwhile
from tickets.services.side_letters import SideEnvelope
from web.desk import composer, words
from web.desk.numbers import digits
from web.desk.promising import MOST_TYPED, promised_in
from web.desk.ticket import ticket_page
from web.shared.forms import keeps_words, take_out_nuls, were_files_too_large
from web.shared.requests import DeskRequest


@keeps_words
@require_POST
def replies(request: DeskRequest, number: str) -> HttpResponse:
    number, form = digits(number), request.POST

    def send(upload_ids: Sequence[str]) -> str:
        message = conversation.reply(
            number,
            by=request.actor,
            text=form.get("text", ""),
            upload_ids=upload_ids,
            envelope=_envelope(request, number),
            promised=promised_in(form.get("promise_at", "")[:32], form.get("promise", "")[:MOST_TYPED]),
            keeps=composer.beside(form)["keeps"],
            asks=form.get("asks", "")[:10_000],
            basis=composer.basis(form),
            now=read_clock(),
        )
        messages.success(
            request,
            _("Reply is on its way."),
            extra_tags=reverse("desk:withdrawal", args=[number, message.public_id]),
        )
        return number

    return _sent(request, number, mode="reply", send=send)


@keeps_words
@require_POST
def notes(request: DeskRequest, number: str) -> HttpResponse:
    number = digits(number)

    def save(upload_ids: Sequence[str]) -> str:
        note = conversation.add_note(
            number,
            by=request.actor,
            text=request.POST.get("text", ""),
            upload_ids=upload_ids,
            basis=composer.basis(request.POST),
            now=read_clock(),
        )
        messages.success(request, _("Note saved."))
        for start, end, why_not in note.mentions:
            if why_not:
                messages.error(request, words.not_told(note.text[start:end], why_not))
        return number

    return _sent(request, number, mode="note", send=save)


@require_safe
@never_cache
def colleagues(request: DeskRequest, number: str) -> JsonResponse:
    """Whom an @ can call here, for the script that completes names."""
    found = queries.callable_to(request.actor, digits(number))
    return JsonResponse({"people": [{"name": each.name, "handle": each.handle} for each in found]})


@keeps_words
@require_POST
def side_letters(request: DeskRequest, number: str) -> HttpResponse:
    number, form = digits(number), request.POST

    def send(upload_ids: Sequence[str]) -> str:
        said = composer.beside(form)
        ticket = get_ticket_for(request.actor, number)
        offered = composer.senders_of(ticket.our_address, ticket.queue.slug)
        letter = side.send(
            number,
            by=request.actor,
            text=form.get("text", ""),
            envelope=SideEnvelope(
                to=typed.one(said["side_to"]),
                subject=said["subject"],
                forwards=said["forwards"],
                sender=typed.sender(said["sender"], offered=offered),
            ),
            upload_ids=upload_ids,
            basis=composer.basis(form),
            now=read_clock(),
        )
        messages.success(
            request,
            _("The letter is on its way; the customer does not see it."),
            extra_tags=reverse("desk:side_withdrawal", args=[number, letter.public_id]),
        )
        return number

    return _sent(request, number, mode="side", send=send)


@require_POST
def asks_filled(request: DeskRequest, number: str) -> HttpResponse:
    """The composer with a list taken in, nothing sent: the way without JavaScript."""
    number, form = digits(number), request.POST
    said = composer.beside(form)
    ticket = get_ticket_for(request.actor, number)
    chosen = next((each for each in queries.ask_lists() if str(each.id) == form.get("ask_list")), None)
    if chosen:
        said = {**said, "asks": added(said["asks"], chosen.lines(ticket.language))}
    _uploaded(request, number)
    return ticket_page(request, number, refused=composer.Refusal("reply", "", form.get("text", ""), said), status=200)


def _sent(request: DeskRequest, number: str, *, mode: str, send: Callable[[Sequence[str]], str]) -> HttpResponse:
    """A refusal shows the page again with everything that was typed."""
    odd = take_out_nuls(request)
    form = request.POST
    try:
        uploads = [*form.getlist("uploads"), *_uploaded(request, number)]
        if odd:
            raise conversation.Refused("unstorable")
        number = send(uploads)
    except conversation.Refused as refusal:
        refused = composer.Refusal(
            mode,
            words.word(words.REFUSALS, refusal.code),
            form.get("text", ""),
            composer.beside(form),
            since=refusal.since if isinstance(refusal, WroteMeanwhile) else None,
            at=composer.whose(refusal.code, mode, odd),
        )
        return ticket_page(request, number, refused=refused, status=409)
    if form.get("then") == "next":
        return redirect("desk:ticket", _next_number(request, number) or number)
    return redirect("desk:ticket", number)


def _envelope(request: DeskRequest, number: str) -> Envelope:
    said = composer.beside(request.POST)
    ticket = get_ticket_for(request.actor, number)
    offered = composer.senders_of(ticket.our_address, ticket.queue.slug)
    return Envelope(
        to=said["to"],
        cc=typed.recipients(said["cc"]) if said["cc"].strip() else (),
        answers=said["answers"],
        sender=typed.sender(said["sender"], offered=offered),
    )


def _uploaded(request: DeskRequest, number: str) -> list[str]:
    """Files that came with the form itself, the way without JavaScript. Raises `Refused`."""
    if were_files_too_large(request):
        raise conversation.Refused("too_large")
    return [add_upload(request, number, file) for file in request.FILES.getlist("files")]


def add_upload(request: DeskRequest, number: str | None, file: UploadedFile) -> str:
    if (file.size or 0) > settings.MAX_ATTACHMENT_BYTES:
        raise conversation.Refused("too_large")
    upload = conversation.add_upload(
        number, by=request.actor, filename=file.name or "", content=file.read(), now=read_clock()
    )
    return str(upload.public_id)


def _next_number(request: DeskRequest, number: str) -> str:
    page = queries.queue_page(request.actor, QueueFilter(view="mine_and_new"), now=read_clock(), limit=2)
    return next((row.number for row in page.rows if row.number != number), "")


@require_POST
def autosave(request: DeskRequest, number: str) -> HttpResponse:
    """Answers with the new version; 409 with what another window has saved since."""
    form = request.POST
    if form.get("mode") not in composer.MODES or not form.get("version", "0").isdecimal():
        return JsonResponse({"code": "malformed"}, status=400)
    try:
        saved = drafts.save(
            digits(number),
            by=request.actor,
            mode=form["mode"],
            writing=Writing(form.get("text", "")[: composer.MOST_LETTERS], composer.beside(form)),
            basis=composer.basis(form),
            now=read_clock(),
        )
    except NewerDraft as newer:
        answer: dict[str, Any] = {"code": newer.code, "text": newer.text, "version": newer.version}
        return JsonResponse(answer, status=409)
    return JsonResponse({"version": saved})


@require_safe
@never_cache
def colleague_draft(request: DeskRequest, number: str, draft_id: int) -> HttpResponse:
    draft, text = queries.colleague_draft(request.actor, digits(number), draft_id)
    return render(request, "desk/draft.html", {"number": digits(number), "draft": draft, "text": text})
