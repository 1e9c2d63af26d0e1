"""The ticket page and its regions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.clock import now as read_clock
from staff.roles import Perm
from tickets import queries
from tickets.enums import Direction, Status
from tickets.policies.lifecycle import MOVES
from tickets.services import proofs
from web.desk import closing, composer, words
from web.desk.fields import FieldRefusal, rows
from web.desk.numbers import digits
from web.desk.queue import own_list
from web.shared.requests import DeskRequest


@dataclass(frozen=True, slots=True)
class PromiseRefusal:
    """The form that came back: of a new promise ("new") or of one by its public id. One of the errors says why."""

    which: str
    words: str
    due_at: str
    of_time: str = ""
    of_words: str = ""
    of_all: str = ""


@require_safe
@never_cache
def ticket(request: DeskRequest, number: str) -> HttpResponse:
    """A merged ticket leads to the one it lives on in."""
    if request.headers.get("X-Region"):
        return ticket_page(request, number, template="desk/parts/ticket_live.html")
    return ticket_page(request, number)


def ticket_page(
    request: DeskRequest,
    number: str,
    *,
    template: str = "desk/ticket.html",
    refused: composer.Refusal | None = None,
    fields_refused: FieldRefusal | None = None,
    invitation: object = None,
    promise_refused: PromiseRefusal | None = None,
    closing_refused: closing.ClosingRefusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The view log has it however the page is come by: as a region of it, or with a form that was refused."""
    page = queries.ticket_page(request.actor, digits(number), now=read_clock())
    if page.merged_into:
        return redirect("desk:ticket", page.merged_into)
    proofs.seen(
        page.id,
        confidential=page.card is not None and page.card.shows_confidential,
        by=request.actor,
        now=read_clock(),
    )
    context: dict[str, Any] = {
        "ticket": page,
        "moves": tuple((code, str(words.STATUSES[code][0])) for code in MOVES[Status(page.status)]),
        "queues": page.queues,
        "people": page.people,
        "ladder": tuple((int(code), str(name)) for code, name in words.LEVELS.items())[1:],
        "fields": rows(page, fields_refused),
        "fields_refused": fields_refused is not None,
        "invitation": invitation,
        "promise_refused": promise_refused,
        "closing": closing.asked(page, closing_refused),
        "letters": _letters(page) if page.asked_count else (),
        "opens_besides": fields_refused is not None
        or invitation is not None
        or bool(promise_refused and promise_refused.which != "new"),
        "may_assign": request.actor.may(Perm.ASSIGN_OTHERS),
        "may_take_evidence": request.actor.may(Perm.TAKE_EVIDENCE),
        "own_list": own_list(queue=page.queue_slug, status=page.status, is_spam=page.is_spam),
        "is_mine": page.assignee_id == request.actor.staff_id,
        "is_followed": any(each.staff_id == request.actor.staff_id for each in page.followers),
        **composer.context(page, request.GET, refused),
    }
    return render(request, template, context, status=status)


def _letters(page: queries.TicketPage) -> tuple[tuple[str, str, datetime], ...]:
    """What may have answered something on the checklist, the newest first: id, author, time."""
    theirs = [item for item in page.timeline if item.kind == "message" and item.direction == Direction.INBOUND]
    return tuple((item.public_id, item.author_name or item.author_email, item.at) for item in reversed(theirs[-20:]))
