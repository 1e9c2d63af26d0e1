"""The search page; its fragment of options is what the palette shows."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.clock import now as read_clock
from core.dates import day_in
from staff.roles import Perm
from tickets import queries
from tickets.queries import SearchFilter
from web.desk import names, words
from web.desk.queue import odd_days, sidebar
from web.shared.requests import DeskRequest

FIELDS = ("status", "queue", "assignee", "door", "level", "since", "until", "account")


@require_safe
@never_cache
def search(request: DeskRequest) -> HttpResponse:
    """`X-Region: options` gives the first results for the palette."""
    if not request.actor.may(Perm.SEE_TICKETS):
        raise PermissionDenied
    typed = request.GET.get("q", "")
    if request.headers.get("X-Region") == "options":
        page = queries.search(request.actor, typed, now=read_clock())
        return render(request, "desk/parts/found_options.html", {"page": page, "typed": page.asked.text})
    chosen = filter_from(request)
    after = request.GET.get("after", "")
    page = queries.search(request.actor, typed, chosen=chosen, after=after, now=read_clock())
    beside = sidebar(request, queries.QueueFilter(view=""))
    kept = {name: request.GET.get(name, "") for name in FIELDS}
    context = {
        "page": page,
        "typed": page.asked.text,
        "chosen": kept,
        "people": names.people(),
        "is_narrowed": any(kept.values()),
        "next_query": _query(typed, kept, after=page.next_cursor) if page.next_cursor else "",
        "first_query": _query(typed, kept) if after else "",
        "clear_query": _query(typed, {}),
        "odd_days": odd_days(request.GET),
        "section": "search",
        **beside,
    }
    return render(request, "desk/search.html", context)


def filter_from(request: DeskRequest) -> SearchFilter:
    """Unknown values are left out, as in the list."""
    given = request.GET
    status, door, level, assignee = (given.get(name, "") for name in ("status", "door", "level", "assignee"))
    return SearchFilter(
        status=status if status in words.STATUSES else "",
        queue=given.get("queue", "")[:50],
        assignee=assignee if assignee == "nobody" or (assignee.isdecimal() and len(assignee) < 10) else "",
        door=door if door in words.DOORS else "",
        level=int(level) if level in words.LEVELS else None,
        since=_midnight(given.get("since", "")),
        until=_midnight(given.get("until", ""), days=1),
        account=_uuid(given.get("account", "")),
    )


def _midnight(text: str, *, days: int = 0) -> datetime | None:
    """The beginning of that day, or of one so many days later, where the reader is."""
    try:
        day = day_in(text)
        return timezone.make_aware(datetime.combine(day + timedelta(days), time())) if day else None
    except OverflowError:
        return None


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _query(typed: str, chosen: dict[str, Any], **more: str) -> str:
    values = {"q": typed[:200], **chosen, **more}
    return "?" + urlencode({name: value for name, value in values.items() if value})
