"""The public form: a request without registering. What is wrong is told at its field, and everything typed is kept."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import proof_of_work, web_form
from core import limits as counts
from core.clock import now as read_clock
from customers.policies import consent
from tickets.enums import Kind
from tickets.numbers import pretty
from tickets.policies import asking
from tickets.services.refused import Refused
from web.public import files, filled, limits, stamp
from web.public.filled import HONEYPOT, Filled
from web.shared import asking as words
from web.shared.forms import keeps_words
from web.shared.visitors import network_of

SENT = "request_sent"  # session key: what the page after sending shows
TYPED_HERE = "requests_typed"  # session key: requests that wait for their mailed link


@keeps_words
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    now = read_clock()
    if request.method != "POST":
        return _page(request, uuid.uuid4(), Filled(dict.fromkeys(filled.FIELDS, "")), now=now)
    mark = stamp.read(request.POST.get("stamp", ""))
    request_id = mark.request_id if mark else uuid.uuid4()
    if before := web_form.opened_before(request_id):
        return _sent(request, number=before.number)
    said = filled.read(request.POST)
    if refusal := files.keep(request, request_id, now=now):
        said.errors["files"] = refusal
    if mark is None or mark.is_too_old(now):
        said.errors[""] = _("The page was open for too long. Everything is here: look at it and send it again.")
        mark = None
    elif not said.errors and mark.is_too_fresh(now):
        said.errors[""] = _("That was faster than a person types. Everything is here: send it again.")
    if request.POST.get(HONEYPOT):
        said.errors[""] = _("A field that people do not see was filled in. It is empty again: send the form once more.")
    if said.errors:
        return _page(request, request_id, said, mark=mark, now=now)
    return _take(request, request_id, said, mark=mark, now=now)


def _take(
    request: HttpRequest, request_id: UUID, said: Filled, *, mark: stamp.Stamp | None, now: datetime
) -> HttpResponse:
    network, mailbox = network_of(request), limits.mailbox(said.email)
    over = counts.take(
        (limits.FORM_NETWORK_HOUR, network),
        (limits.FORM_NETWORK_DAY, network),
        (limits.FORM_ADDRESS_HOUR, mailbox),
        (limits.FORM_ADDRESS_DAY, mailbox),
        now=now,
    )
    typed = filled.request_of(said, request_id, language=(get_language() or "ru")[:2])
    try:
        if over is None and _is_worked_for(request, request_id, now=now):
            return _sent(request, number=web_form.send(typed, now=now).number)
    except Refused as refusal:
        said.errors[""] = _("The request could not be taken (%(code)s).") % {"code": refusal.code}
        return _page(request, request_id, said, mark=mark, now=now)
    over = over or counts.take(
        (limits.LINK_ADDRESS_HOUR, mailbox),
        (limits.LINK_ADDRESS_DAY, mailbox),
        (limits.LINK_DOMAIN_HOUR, said.email.rpartition("@")[2]),
        (limits.LINK_ALL_HOUR, "everybody"),
        now=now,
    )
    if over is not None:
        said.errors[""] = limits.told_by_a_form(over, now=now)
        return _page(request, request_id, said, mark=mark, status=429, now=now)
    web_form.hold(typed, now=now)
    request.session[TYPED_HERE] = [*request.session.get(TYPED_HERE, [])[-9:], str(request_id)]
    return _sent(request, email=said.email)


def _is_worked_for(request: HttpRequest, request_id: UUID, *, now: datetime) -> bool:
    """Without JavaScript, or on a day of a flood, the mailed link must complete the request."""
    is_solved = proof_of_work.is_solved(request.POST.get("work", ""), request_id)
    return is_solved and counts.take((limits.FORM_ALL_DAY, "everybody"), now=now) is None


def _page(
    request: HttpRequest,
    request_id: UUID,
    said: Filled,
    *,
    mark: stamp.Stamp | None = None,
    status: int = 422,
    now: datetime,
) -> HttpResponse:
    """`mark` None: the page gets a fresh one."""
    shown_at = mark.shown_at if mark else now
    context: dict[str, Any] = {
        "said": said.said,
        "errors": said.errors,
        "kinds": [(kind.value, *told, words.questions_of(kind)) for kind, told in words.KINDS.items()],
        "how_often": words.HOW_OFTEN.items(),
        "stamp": stamp.made(request_id, now=shown_at),
        "waits_ms": str(stamp.SOONEST // timedelta(milliseconds=1)),
        "consent_version": consent.VERSION,
        "is_agreed": request.POST.get("consent") == consent.VERSION,
        "kept": web_form.files_of(request_id) if request.method == "POST" else [],
        "most": {"subject": asking.MOST_SUBJECT, "line": asking.MOST_LINE, "detail": asking.MOST_DETAIL},
        "section": "request",
    }
    if request.method != "POST":
        context["said"] = said.said | {"kind": Kind.INCIDENT.value}
        return render(request, "public/request.html", context)
    return render(request, "public/request.html", context, status=status)


@never_cache
@login_not_required
@require_safe
def challenge(request: HttpRequest) -> HttpResponse:
    """What the browser has to work out for the page of this stamp."""
    mark = stamp.read(request.GET.get("stamp", ""))
    if mark is None:
        raise Http404
    return JsonResponse(proof_of_work.challenge(mark.request_id, now=read_clock()))


def _sent(request: HttpRequest, *, number: str = "", email: str = "") -> HttpResponse:
    request.session[SENT] = {"number": number, "email": email}
    return redirect("request_sent")


@never_cache
@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Says the number, or where the link went. Nothing of it depends on who is on file."""
    told = request.session.get(SENT)
    if not told:
        return redirect("request")
    context = {"number": told["number"] and pretty(told["number"]), "email": told["email"], "section": "request"}
    return render(request, "public/request_sent.html", context)


@sensitive_variables("token")
@never_cache
@login_not_required
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what would be sent and changes nothing: letters are opened by scanners, too."""
    held = web_form.held_by(token, now=read_clock())
    if held is not None and held.number:
        return _sent(request, number=held.number)
    status = 200 if held else 404
    return render(request, "public/request_link.html", {"held": held, "token": token}, status=status)


@sensitive_variables("token")
@never_cache
@login_not_required
@require_POST
def sending(request: HttpRequest, token: str) -> HttpResponse:
    now = read_clock()
    held = web_form.held_by(token, now=now)
    is_typed_here = held is not None and str(held.request_id) in request.session.get(TYPED_HERE, [])
    number = web_form.complete(token, is_typed_here=is_typed_here, now=now)
    if number is None:
        return render(request, "public/request_link.html", {"held": None}, status=404)
    return _sent(request, number=number)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "public/terms.html", {"version": consent.VERSION})
