"""A ticket by number and address: the answer is the same whatever exists, until the mailed code was entered."""

import uuid
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import visits, web_form
from channels_app.models import Visit
from core import limits as counts
from core.clock import now as read_clock
from core.downloads import download
from tickets import numbers
from tickets.contracts import StoredFile, Typed
from tickets.numbers import pretty
from tickets.policies import asking
from tickets.queries.customer import CustomerTicket, requesters_file, requesters_ticket
from tickets.services import customer_side
from web.public import files, limits, stamp
from web.public.filled import address_in
from web.public.opened import opened_to_vouched
from web.shared.forms import keeps_words
from web.shared.visitors import network_of

VISITS = "visits"  # session key: what was asked here; a code works only where it was asked for
_MOST_VISITS = 10


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _ask_page(request, {})
    now = read_clock()
    number, email, errors = _typed(request)
    if errors:
        return _ask_page(request, errors)
    over = counts.take(
        (limits.CODE_NETWORK_HOUR, network_of(request)),
        (limits.CODE_ADDRESS_HOUR, email),
        (limits.CODE_ADDRESS_DAY, email),
        now=now,
    )
    if over is not None:
        return _ask_page(request, {"": limits.told_by_a_form(over, now=now)}, status=429)
    visit = visits.ask(number, email, language=(get_language() or "ru")[:2], now=now)
    request.session[VISITS] = [*request.session.get(VISITS, [])[1 - _MOST_VISITS :], str(visit)]
    return redirect("status_visit", visit)


def _typed(request: HttpRequest) -> tuple[str, str, dict[str, str]]:
    errors: dict[str, str] = {}
    written = request.POST.get("number", "")
    number = "".join(c for c in written if c.isascii() and c.isdigit())
    if len(number) != 9:
        errors["number"] = _("A number has nine digits, as HD-123-456-789.")
    elif not numbers.is_valid(number):
        errors["number"] = _("A digit is wrong: the last one does not fit the others.")
    email, refusal = address_in(request.POST.get("email", ""))
    if refusal:
        errors["email"] = str(refusal)
    return number, email, errors


def _ask_page(request: HttpRequest, errors: dict[str, str], *, status: int = 422) -> HttpResponse:
    context = {
        "said": {"number": request.POST.get("number", ""), "email": request.POST.get("email", "")},
        "errors": errors,
        "section": "status",
    }
    return render(request, "public/status.html", context, status=status if errors else 200)


@never_cache
@login_not_required
@require_safe
def show(request: HttpRequest, visit: UUID) -> HttpResponse:
    """Where the code is typed, and once it was, the ticket."""
    now = read_clock()
    found = _visit(request, visit, now=now)
    if found is None:
        return redirect("status")
    if found.opened_at is None:
        return _code_page(request, found)
    return _ticket_page(request, found, now=now)


@sensitive_post_parameters("code")
@never_cache
@login_not_required
@require_POST
def code(request: HttpRequest, visit: UUID) -> HttpResponse:
    """Every try is counted before it is looked at."""
    now = read_clock()
    found = _visit(request, visit, now=now)
    if found is None:
        return redirect("status")
    over = counts.take(
        (limits.TRY_NETWORK_HOUR, network_of(request)),
        (limits.TRY_TICKET_DAY, f"{found.number} {found.email}"),
        now=now,
    )
    if over is not None:
        return _code_page(request, found, error=limits.told(over, now=now), status=429)
    if not visits.enter(visit, request.POST.get("code", ""), now=now):
        return _code_page(
            request, found, error=_("The code does not fit or has run out. Ask for a new one."), status=422
        )
    request.session.cycle_key()
    return redirect("status_visit", visit)


def _visit(request: HttpRequest, public_id: UUID, *, now: datetime) -> Visit | None:
    is_asked_here = str(public_id) in request.session.get(VISITS, [])
    return visits.asked(public_id, now=now) if is_asked_here else None


def _code_page(request: HttpRequest, visit: Visit, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"visit": visit, "number": pretty(visit.number), "error": error, "section": "status"}
    return render(request, "public/status_code.html", context, status=status)


def _ticket_page(
    request: HttpRequest,
    visit: Visit,
    *,
    error: str = "",
    text: str = "",
    mark: str = "",
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    ticket = _ticket(visit, now=now)
    request_id = stamp.read(mark)
    context = {
        "visit": visit,
        "ticket": ticket,
        "now": now,
        "items": opened_to_vouched(ticket),
        "messages_total": sum(item.kind == "message" for item in ticket.items),
        "error": error,
        "text": text,
        "stamp": mark if request_id else stamp.made(uuid.uuid4(), now=now),
        "kept": web_form.files_of(request_id.request_id) if request_id else [],
        "most": asking.MOST_TEXT,
        "section": "status",
    }
    return render(request, "public/status_ticket.html", context, status=status)


def _ticket(visit: Visit, *, now: datetime) -> CustomerTicket:
    return requesters_ticket(visit.number, visit.email, now=now)


@keeps_words
@never_cache
@login_not_required
@require_POST
def answers(request: HttpRequest, visit: UUID) -> HttpResponse:
    now = read_clock()
    found = _visit(request, visit, now=now)
    if found is None or found.opened_at is None:
        return redirect("status")
    marked, text = request.POST.get("stamp", ""), request.POST.get("text", "")
    mark = stamp.read(marked)
    if mark is None:
        raise Http404
    error = files.keep(request, mark.request_id, now=now)
    if not error:
        error = _why_not(text) or ""
    if not error and (over := counts.take((limits.ANSWER_TICKET_HOUR, f"{found.number} {found.email}"), now=now)):
        error = limits.told_by_a_form(over, now=now)
    if error:
        clean = text.replace("\x00", "")
        return _ticket_page(request, found, error=error, text=clean, mark=marked, now=now, status=422)
    kept = web_form.files_of(mark.request_id)
    answer = Typed(
        request_id=mark.request_id,
        text=text,
        files=[StoredFile(f.filename, f.content_type, f.digest, f.size_bytes) for f in kept],
        facts=[visits.proof(found)],
    )
    customer_side.answer_with_code(_ticket(found, now=now).number, answer, now=now)
    web_form.drop_files(mark.request_id, but=set())
    return redirect("status_visit", visit)


def _why_not(text: str) -> str:
    if not text.strip():
        return _("Write a few words more.")
    if "\x00" in text:
        return _("There was a character that cannot be stored. It is gone; look at the text and send again.")
    if len(text) > asking.MOST_TEXT:
        return _("Too long: at most %(most)s characters.") % {"most": asking.MOST_TEXT}
    return ""


@never_cache
@login_not_required
@require_safe
def file(request: HttpRequest, visit: UUID, file: UUID) -> HttpResponseBase:
    now = read_clock()
    found = _visit(request, visit, now=now)
    if found is None or found.opened_at is None:
        raise Http404
    wanted = requesters_file(found.number, found.email, file, now=now)
    shown = {each.public_id for item in opened_to_vouched(_ticket(found, now=now)) for each in item.files}
    if wanted.public_id not in shown:
        raise Http404
    try:
        return download(wanted.digest, filename=wanted.filename, content_type=wanted.content_type)
    except FileNotFoundError:
        return HttpResponse(_("The file is missing from the storage. Tell your administrator."), status=410)
