"""Rows of the queue. A row is rendered once and kept: nothing in it depends on who looks or on the clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.template.loader import get_template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from tickets.queries import QueueRow
from web.desk.words import GROUPS

KEPT_ROWS = 2000
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    title: str | Promise
    icon: str
    tone: str
    rows: list[SafeString]


def grouped(rows: Iterable[QueueRow], *, now: datetime) -> list[Group]:
    """Rows in the order they came, under the headings of their hour."""
    language, zone = get_language() or "", timezone.get_current_timezone_name()
    groups: dict[str, Group] = {}
    for row in rows:
        code = _group_of(row.due_at, now)
        if code not in groups:
            title, icon, tone = GROUPS[code]
            groups[code] = Group(code, title, icon, tone, [])
        groups[code].rows.append(_rendered(row, language, zone))
    return list(groups.values())


def _group_of(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "no_clock"
    if due_at < now:
        return "overdue"
    if due_at - now < SOON:
        return "soon"
    return "today" if timezone.localtime(due_at).date() == timezone.localtime(now).date() else "later"


@lru_cache(maxsize=KEPT_ROWS)
def _rendered(row: QueueRow, language: str, zone: str) -> SafeString:
    """The key is the row itself with all its values, so a fragment can never be older than its ticket."""
    return mark_safe(get_template("desk/parts/row.html").render({"row": row}))  # noqa: S308 - rendered just here
