"""Rows of the queue. A row is kept as rendered, for all readers of one role, language and time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

from staff.roles import Perm, Role, may
from tickets.queries import QueueRow
from web.desk.fragments import here, rendered
from web.desk.words import GROUPS

SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    title: str | Promise
    icon: str
    tone: str
    rows: list[SafeString]

    @property
    def html(self) -> SafeString:
        return mark_safe("".join(self.rows))  # noqa: S308 - safe strings all of them


def grouped(rows: Iterable[QueueRow], *, role: Role | None, now: datetime) -> list[Group]:
    """Rows in the order they came, under the headings of their hour."""
    reader = here()
    may_work = role is not None and may(role, Perm.WORK_TICKETS)
    groups: dict[str, Group] = {}
    for row in rows:
        code = _group_of(row.due_at, now)
        if code not in groups:
            title, icon, tone = GROUPS[code]
            groups[code] = Group(code, title, icon, tone, [])
        groups[code].rows.append(
            rendered("desk/parts/row.html", (("row", row), ("role", role), ("may_work", may_work)), *reader)
        )
    return list(groups.values())


def _group_of(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return "no_clock"
    if due_at < now:
        return "overdue"
    if due_at - now < SOON:
        return "soon"
    return "today" if timezone.localtime(due_at).date() == timezone.localtime(now).date() else "later"
