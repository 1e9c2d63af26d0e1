"""The ticket page, its regions, and the composer's posts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.enums import Status
from tickets.policies.lifecycle import MOVES
from tickets.queries import DraftView, QueueFilter
from tickets.services import conversation
from web.desk import words
from web.desk.numbers import digits
from web.shared.requests import DeskRequest

MODES = ("reply", "note")
MAX_DRAFT = 100_000


@dataclass(frozen=True, slots=True)
class Composer:
    mode: str
    draft: DraftView | None
    typed: str  # what a refused form brought back


@require_safe
@never_cache
def ticket(request: DeskRequest, number: str) -> HttpResponse:
    template = "desk/parts/ticket_live.html" if request.headers.get("X-Region") else "desk/ticket.html"
    return _page(request, number, template=template)


def _page(
    request: DeskRequest,
    number: str,
    *,
    template: str = "desk/ticket.html",
    mode: str = "reply",
    typed: dict[str, str] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    page = queries.ticket_page(request.actor, digits(number), now=read_clock())
    context: dict[str, Any] = {
        "ticket": page,
        "moves": tuple((code, str(words.STATUSES[code][0])) for code in MOVES[Status(page.status)]),
        "queues": page.queues,
        "people": page.people,
        "ladder": tuple((int(code), str(name)) for code, name in words.LEVELS.items())[1:],
        "may_assign": request.actor.may(Perm.ASSIGN_OTHERS),
        "is_mine": page.assignee_id == request.actor.staff_id,
        "composers": tuple(Composer(name, page.drafts.get(name), (typed or {}).get(name, "")) for name in MODES),
        "mode": mode,
        "refusal": refusal,
    }
    return render(request, template, context, status=status)


@require_POST
def replies(request: DeskRequest, number: str) -> HttpResponse:
    return _send(request, digits(number), mode="reply", service=conversation.reply, done=_("Reply is on its way."))


@require_POST
def notes(request: DeskRequest, number: str) -> HttpResponse:
    return _send(request, digits(number), mode="note", service=conversation.add_note, done=_("Note saved."))


def _send(request: DeskRequest, number: str, *, mode: str, service: Callable[..., Any], done: str) -> HttpResponse:
    """A refusal shows the page again with everything that was typed."""
    text, now = request.POST.get("text", ""), read_clock()
    try:
        upload_ids = [*request.POST.getlist("uploads"), *_uploaded(request, number)]
        said = service(number, by=request.actor, text=text, upload_ids=upload_ids, now=now)
    except conversation.Refused as refusal:
        told = words.word(words.REFUSALS, refusal.code)
        return _page(request, number, mode=mode, typed={mode: text}, refusal=told, status=409)
    undo = reverse("desk:withdrawal", args=[number, said.public_id]) if mode == "reply" else ""
    messages.success(request, done, extra_tags=undo)
    if request.POST.get("then") == "next":
        return redirect("desk:ticket", _next_number(request, number) or number)
    return redirect("desk:ticket", number)


def _uploaded(request: DeskRequest, number: str) -> Sequence[str]:
    """Files that came with the form itself, the way without JavaScript."""
    return [add_upload(request, number, file) for file in request.FILES.getlist("files")]


def add_upload(request: DeskRequest, number: str, file: UploadedFile) -> str:
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
def drafts(request: DeskRequest, number: str) -> HttpResponse:
    """Autosave. Answers with the new version; 409 when the draft was changed in another window."""
    mode, version = request.POST.get("mode", ""), request.POST.get("version", "0")
    if mode not in MODES or not version.isdecimal():
        return JsonResponse({"code": "malformed"}, status=400)
    try:
        saved = conversation.save_draft(
            digits(number),
            by=request.actor,
            mode=mode,
            text=request.POST.get("text", "")[:MAX_DRAFT],
            version=int(version),
            now=read_clock(),
        )
    except conversation.Refused as refusal:
        return JsonResponse({"code": refusal.code}, status=409)
    return JsonResponse({"version": saved})
