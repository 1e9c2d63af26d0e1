"""The queue page and its regions."""

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.cache import cache
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from automation import book_words
from channels_app import queries as doors
from core.clock import now as read_clock
from core.dates import day_in
from events import bookkeeping
from staff.roles import Perm
from tickets import queries
from tickets.enums import Status
from tickets.policies.lifecycle import MOVES
from tickets.queries import QueueFilter, ViewInfo
from web.desk import names, words
from web.desk.fields import filters
from web.desk.numbers import digits
from web.desk.rows import grouped
from web.shared.requests import DeskRequest

DEFAULT_VIEW = "mine_and_new"
MINI_LIMIT = 20
TIERS = (1, 2, 3)
SETTABLE = tuple(status.value for status in Status if any(status in moves for moves in MOVES.values()))
QUARANTINED_SECONDS = RED_BOOKS_SECONDS = 5
COUNTED_SECONDS = 20


@require_safe
@never_cache
def queue(request: DeskRequest) -> HttpResponse:
    """`X-Region: list` gives the parts that change by themselves, `mini` the short list beside a ticket."""
    now = read_clock()
    chosen = filter_from(request.GET)
    region = request.headers.get("X-Region", "")
    if region == "mini":
        return render(request, "desk/parts/mini.html", beside_a_ticket(request, chosen, now=now))
    after = request.GET.get("after", "")
    page = queries.queue_page(request.actor, chosen, after=after, now=now)
    beside = sidebar(request, chosen)
    saved_name = next((name for _, name, _, _, is_shown in beside["saved"] if is_shown), "")
    plain = QueueFilter(view=chosen.view, queue=chosen.queue)
    context = {
        "filter": chosen,
        "title": saved_name or words.VIEWS[chosen.view][0],
        "saved_name": saved_name,
        "fields": tuple(parse_qsl(query_of(chosen))) if chosen != QueueFilter(view=chosen.view) else (),
        "groups": grouped(page.rows, role=request.actor.role, now=now),
        "count": len(page.rows),
        "next_query": "?" + query_of(chosen, after=page.next_cursor) if page.next_cursor else "",
        "first_query": "?" + query_of(chosen) if after else "",
        "is_cut": page.is_cut,
        "looked_at": queries.LOOKED_AT,
        "tiers": TIERS,
        "people": names.people(),
        "tags": names.tags(),
        "own_fields": filters(names.field_filters()),
        "settable": SETTABLE,
        "is_narrowed": chosen != plain,
        "clear_query": "?" + query_of(plain),
        "odd_days": odd_days(request.GET),
        "unsaved": str(words.REFUSALS.get(request.GET.get("unsaved", ""), "")),
        "unsaved_name": request.GET.get("name", "")[:60],
        **beside,
    }
    return render(request, "desk/parts/queue_live.html" if region == "list" else "desk/queue.html", context)


def beside_a_ticket(request: DeskRequest, chosen: QueueFilter, *, now: datetime) -> dict[str, Any]:
    """The list around the ticket `around`; its beginning where that ticket does not stand in it."""
    number = digits(request.GET.get("around", ""))
    rows, is_whole = queries.queue_around(request.actor, chosen, number, now=now) if number.isdecimal() else ([], False)
    if not rows:
        page = queries.queue_page(request.actor, chosen, now=now, limit=MINI_LIMIT)
        rows, is_whole = page.rows, not page.next_cursor
    title = names.of_queue(chosen.queue) if chosen.view == "all" else ""
    return {"rows": rows, "is_whole": is_whole, "title": title or words.VIEWS[chosen.view][0]}


def own_list(*, queue: str, status: str, is_spam: bool) -> str:
    """The address of the list in which a ticket stands whoever opens it, behind its question mark."""
    view = "spam" if is_spam else "done" if Status(status).is_done else "all"
    return query_of(QueueFilter(view=view, queue=queue))


_FIELD = re.compile(r"[0-9]{1,9}:(yes|no|[0-9]{1,9})")


def filter_from(given: QueryDict) -> QueueFilter:
    """Unknown values are left out: an old bookmark still shows a list."""
    view, status, tier, tag, assignee, door, level, field = (
        given.get(name, "") for name in ("view", "status", "tier", "tag", "assignee", "door", "level", "field")
    )
    return QueueFilter(
        view=view if view in words.VIEWS else DEFAULT_VIEW,
        queue=given.get("queue", "").replace("\x00", "")[:50],
        status=status if status in words.STATUSES else "",
        assignee=assignee if assignee == "nobody" or (assignee.isdecimal() and len(assignee) < 10) else "",
        tier=int(tier) if tier in ("1", "2", "3") else 0,
        tag=int(tag) if tag.isdecimal() and len(tag) < 10 else 0,
        door=door if door in words.DOORS else "",
        level=int(level) if level in words.LEVELS else 0,
        since=day_in(given.get("since", "")),
        until=day_in(given.get("until", "")),
        field=field if _FIELD.fullmatch(field) else "",
    )


def odd_days(given: QueryDict) -> dict[str, str]:
    """What was typed for each day of the filter and is none; "" where all is well."""
    typed = {name: given.get(name, "").replace("\x00", "").strip()[:32] for name in ("since", "until")}
    return {name: "" if day_in(text) else text for name, text in typed.items()}


def sidebar(request: DeskRequest, chosen: QueueFilter) -> dict[str, Any]:
    beside = queries.beside_the_list(request.actor)
    shown, counts = beside.queues, beside.counters
    is_russian = (get_language() or "").startswith("ru")
    names_of = {entry.slug: entry.name_ru if is_russian else entry.name_en for entry in shown}
    return {
        "views": tuple(
            (f"?view={code}", str(title), icon, counts.get(code), chosen.view == code and not chosen.queue)
            for code, (title, icon) in words.VIEWS.items()
        ),
        "move_queues": shown,
        "queues": tuple(
            (
                f"?view=all&queue={entry.slug}",
                names_of[entry.slug],
                counts.get(f"queue:{entry.slug}"),
                chosen.queue == entry.slug,
            )
            for entry in shown
        ),
        "saved": _saved(request, beside.views, query_of(chosen)),
        "queue_choices": tuple(names_of.items()),
        "quarantined": quarantined_count(request),
        "red_books": _red_books(),
        "open_count": counts.get(DEFAULT_VIEW),
    }


def _saved(
    request: DeskRequest, views: Sequence[ViewInfo], current: str
) -> tuple[tuple[str, str, str, bool, bool], ...]:
    """Query, name, number, whether everybody has it, whether it is shown. The numbers are counted to a hundred, for
    all lists together, and kept for this reader for `COUNTED_SECONDS`.
    """
    key, asked = f"saved:{request.actor.staff_id}", [view.query for view in views]
    counted = cache.get(key) or {}
    if not counted.keys() >= set(asked):
        lists = [filter_from(QueryDict(query)) for query in asked]
        counted = dict(zip(asked, queries.capped_counts(request.actor, lists, now=read_clock()), strict=True))
        cache.set(key, counted, COUNTED_SECONDS)
    return tuple(
        (f"?{view.query}", view.name, _to_99(counted[view.query]), view.is_shared, view.query == current)
        for view in views
    )


def _to_99(number: int) -> str:
    return "99+" if number > 99 else str(number or "")


def quarantined_count(request: DeskRequest) -> int:
    """A few seconds old at most: the number is a hint, the list behind it is exact."""
    if not request.actor.may(Perm.HANDLE_QUARANTINE):
        return 0
    return cache.get_or_set("quarantined", doors.quarantine_count, QUARANTINED_SECONDS) or 0


def _red_books() -> list[tuple[datetime, str | Promise, str | Promise]]:
    """Since when, what, and what to do. A few seconds old at most; the relay looks into the books once a minute."""
    told: dict[tuple[str | Promise, str | Promise], datetime] = {}
    for entry in cache.get_or_set("red_books", lambda: bookkeeping.red(now=read_clock()), RED_BOOKS_SECONDS) or ():
        what = book_words.NO_BOOKS if entry.is_stale else book_words.BOOKS[entry.name]
        told.setdefault(what, entry.red_since or entry.checked_at)
    return [(since, *what) for what, since in told.items()]


def query_of(chosen: QueueFilter, **more: str) -> str:
    """The address of a list behind its question mark: one way of writing for one filter."""
    values = {field.name: getattr(chosen, field.name) for field in fields(chosen)} | more
    return urlencode({name: value for name, value in values.items() if value})
