"""A ticket begun by the desk: a plain form, which looks for people on file and asks when several fit."""

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from channels_app import typed
from core.clock import now as read_clock
from customers.queries import Reachable, reachable
from staff.roles import Perm
from tickets import queries
from tickets.contracts import Address
from tickets.enums import Kind
from tickets.queries import DraftView
from tickets.services import drafts
from tickets.services import opening as service
from tickets.services.drafts import NewerDraft, Writing
from tickets.services.refused import Refused
from web.desk import composer, names, words
from web.desk.writing import add_upload
from web.shared.forms import keeps_words, take_out_nuls, were_files_too_large
from web.shared.refusals import OF_ADDRESS
from web.shared.requests import DeskRequest

_MOST_LETTERS = 100_000
_WHOSE = {
    "nobody_found": "to",
    "several_found": "to",
    "no_sender": "queue",
    "no_such_queue": "queue",
    "no_subject": "subject",
    "empty_text": "text",
    "too_large": "files",
} | dict.fromkeys(OF_ADDRESS, "to")  # the field whose fault a refusal is
_FIELDS = ("to", "person", "queue", "kind", "subject", "text", "language", "letter")


@keeps_words
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: DeskRequest) -> HttpResponse:
    """`?to=` may fill in whom it is to."""
    if not request.actor.may(Perm.WORK_TICKETS):
        raise Http404
    odd = take_out_nuls(request)
    said, kept, files = _said(request), None, request.POST.getlist("uploads")
    if request.method != "POST" and not said["to"]:
        files = [file.public_id for file in queries.new_uploads(request.actor)]
        if kept := queries.new_draft(request.actor):
            said |= {name: str(value) for name, value in kept.beside.items() if name in _FIELDS} | {"text": kept.text}
    found, is_asked = reachable(said["to"]) if said["to"] else [], "find" in request.POST
    try:
        if were_files_too_large(request):
            raise Refused("too_large")
        for file in request.FILES.getlist("files"):
            files.append(add_upload(request, None, file))
        if odd:
            raise Refused("unstorable")
        if request.method != "POST" or is_asked:
            return _page(request, said, files, found=found, is_asked=is_asked, kept=kept)
        ticket = _begin(request, said, files)
    except Refused as refusal:
        return _page(request, said, files, found=found, refused=refusal, odd=odd)
    message_id = queries.first_letter_of(ticket.pk, by=request.actor)
    undo = reverse("desk:withdrawal", args=[ticket.number, message_id]) if message_id else ""
    messages.success(request, _("The ticket is begun."), extra_tags=undo)
    return redirect("desk:ticket", ticket.number)


def _said(request: DeskRequest) -> dict[str, str]:
    return {name: request.POST.get(name, request.GET.get(name, "")) for name in _FIELDS}


@require_POST
def draft(request: DeskRequest) -> HttpResponse:
    """Answers with the new version; 409 with what another window has saved since."""
    if not request.actor.may(Perm.WORK_TICKETS):
        raise Http404
    if not request.POST.get("version", "0").isdecimal():
        return JsonResponse({"code": "malformed"}, status=400)
    said = {name: value[:_MOST_LETTERS] for name, value in _said(request).items()}
    writing = Writing(said.pop("text"), said)
    try:
        saved = drafts.save_new(by=request.actor, writing=writing, basis=composer.basis(request.POST), now=read_clock())
    except NewerDraft as newer:
        return JsonResponse({"code": newer.code, "text": newer.text, "version": newer.version}, status=409)
    return JsonResponse({"version": saved})


@require_POST
def draft_removal(request: DeskRequest) -> HttpResponse:
    drafts.forget_new(by=request.actor)
    return redirect("desk:new_ticket")


def _begin(request: DeskRequest, said: dict[str, str], files: list[str]) -> Any:
    try:
        request_id, kind = uuid.UUID(request.POST.get("request_id", "")), Kind(said["kind"])
    except ValueError:
        raise Http404 from None
    with_letter = said["letter"] != "no"
    to, person = _whom(said["to"].strip(), said["person"], with_letter=with_letter)
    addresses = names.addresses_of(said["queue"])
    return service.begin(
        service.Opening(
            request_id=request_id,
            to=to,
            person=person,
            queue=said["queue"],
            kind=kind,
            subject=said["subject"],
            text=said["text"],
            language=said["language"] if said["language"] in words.LANGUAGES else _language(person),
            our_address=addresses[0] if addresses else "",
            with_letter=with_letter,
            upload_ids=files,
            basis=composer.basis(request.POST),
        ),
        by=request.actor,
        now=read_clock(),
    )


def _language(person: Reachable | None) -> str:
    return person.language if person and person.language in words.LANGUAGES else settings.LANGUAGE_CODE[:2]


def _whom(text: str, point_id: str, *, with_letter: bool) -> tuple[Address | None, Reachable | None]:
    """An address as typed, or somebody on file by login or contract; who was chosen must be among those found."""
    if not text:
        if with_letter:
            raise Refused("no_recipient")
        return None, None
    found = reachable(text)
    chosen = next((each for each in found if str(each.point_id) == point_id), None)
    if chosen is None and "@" in text:
        return typed.one(text), None
    if chosen is None and len(found) > 1:
        raise Refused("several_found")
    if chosen is None and not found:
        raise Refused("nobody_found")
    chosen = chosen or found[0]
    return Address(chosen.email, chosen.name), chosen


def _page(
    request: DeskRequest,
    said: dict[str, str],
    files: list[str],
    *,
    found: list[Reachable],
    is_asked: bool = False,
    kept: DraftView | None = None,
    refused: Refused | None = None,
    odd: Collection[str] = (),
) -> HttpResponse:
    uploads = [file for file in queries.new_uploads(request.actor) if file.public_id in files]
    context = {
        **said,
        "request_id": request.POST.get("request_id") or uuid.uuid4(),
        "found": found,
        "is_asked": is_asked,
        "uploads": uploads,
        "is_draft": kept is not None or (request.method != "POST" and bool(uploads)),
        "version": kept.version if kept else request.POST.get("version", "0"),
        "refusal": words.word(words.REFUSALS, refused.code) if refused else "",
        "at": _at(refused.code, odd) if refused else "",
        "queues": queries.queues(request.actor),
        "in_russian": (get_language() or "").startswith("ru"),
        "languages": words.LANGUAGES.items(),
        "ticket_language": said["language"],  # `language` is the page's own, set by the base template
        "section": "new",
        "kind": said["kind"] or Kind.QUESTION.value,
    }
    return render(request, "desk/new_ticket.html", context, status=409 if refused else 200)


def _at(code: str, odd: Collection[str]) -> str:
    """The field that a refusal belongs beside."""
    if code == "unstorable":
        return next((name for name in _FIELDS if name in odd), "")
    return "text" if code.startswith("names_") else _WHOSE.get(code, "")
