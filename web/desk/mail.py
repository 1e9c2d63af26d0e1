""" "Did my mail arrive?": every mail that was ever accepted, what became of it and why."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from channels_app import arrivals, refusals
from channels_app.arrivals import MailRow
from channels_app.mail.addresses import normal_domain, normal_form
from core.dates import day_in
from tickets import queries
from tickets.queries import MailEnd
from web.desk import mail_words, names, words
from web.desk.quarantine import readable, require_right
from web.desk.queue import odd_days, quarantined_count
from web.shared.requests import DeskRequest

MOST_TYPED = 320
_SHORTEST_PART = 3
_NO_PART = re.compile(r"[\s<>\",;%\\]|@.*@")


@dataclass(frozen=True, slots=True)
class MailLine:
    mail: MailRow
    end: MailEnd | None
    sender: str
    subject: str  # "" in a ticket that the reader may not see
    fate: str | Promise
    tone: str
    reason: str
    decided_by: str
    is_hidden: bool
    never_answered: bool  # written by a machine
    knows_number: bool  # has been told it with an earlier mail


@require_safe
@never_cache
def mail(request: DeskRequest) -> HttpResponse:
    require_right(request)
    typed = request.GET.get("sender", "")[:MOST_TYPED]
    bare = _bare(typed.replace("\x00", "")).strip()
    sender = normal_form(bare) if "." in bare.rpartition("@")[2] else ""
    part = "" if sender else part_of(bare)
    since, until = day_in(request.GET.get("since", "")), day_in(request.GET.get("until", ""))
    is_wrong = bool(typed.strip()) and not (sender or part)
    after = request.GET.get("after", "")
    page, refused = arrivals.MailPage([]), []
    if not is_wrong:
        narrowed: dict[str, Any] = {
            "sender": sender,
            "part": part,
            "since": start_of(since) if since else None,
            "until": start_of(until + timedelta(days=1)) if until and until < date.max else None,
        }
        page = arrivals.mail(**narrowed, after=after)
        refused = refusals.turned_away(**narrowed) if not after else []
    ends = queries.ends_of_mail(request.actor, [str(row.public_id) for row in page.rows])
    chosen = {"sender": typed, "since": since, "until": until}
    kept = {name: value for name, value in chosen.items() if value}
    context = {
        "lines": [_line(row, ends.get(str(row.public_id))) for row in page.rows],
        "refused": [(row, readable(row.sender), readable(row.recipient)) for row in refused],
        "chosen": chosen,
        "is_wrong": is_wrong,
        "odd_days": odd_days(request.GET),
        "is_narrowed": bool(kept),
        "first_query": "?" + urlencode(kept) if after else "",
        "next_query": "?" + urlencode({**kept, "after": page.next_cursor}) if page.next_cursor else "",
        "quarantined": quarantined_count(request),
        "section": "quarantine",
    }
    return render(request, "desk/mail.html", context)


def _bare(typed: str) -> str:
    """`Anna <anna@example.com>` as people copy it."""
    return typed.rpartition("<")[2].partition(">")[0]


def part_of(typed: str) -> str:
    """What may stand within an address: `@пример.рф`, `example.com`, `anna.p`; "" for what cannot."""
    local, at, domain = typed.lower().rpartition("@")
    part = local + at + (normal_domain(domain) or domain)
    return part if len(part) >= _SHORTEST_PART and not _NO_PART.search(part) else ""


def start_of(day: date) -> datetime:
    """Midnight where the reader is, kept within the years that can be told in every time zone."""
    return timezone.make_aware(datetime.combine(min(max(day, date(2, 1, 1)), date(9998, 1, 1)), time()))


def _line(row: MailRow, end: MailEnd | None) -> MailLine:
    code = _fate(row, end)
    fate, tone = mail_words.MAIL_ENDS[code]
    is_hidden = end is not None and not end.number
    is_spam = code == "ticket" and row.reason in ("spam", *words.SPAM_REASONS)
    shows_reason = row.reason and (
        is_spam or code not in ("ticket", "other_waiting", "other_accepted", "other_refused", "reading")
    )
    return MailLine(
        mail=row,
        end=end,
        sender=readable(row.sender),
        subject="" if is_hidden else readable(row.subject),
        fate=fate,
        tone=tone,
        reason=words.word(mail_words.MAIL_REASONS, row.reason) if shows_reason else "",
        decided_by=names.of_actor(row.handled_by),
        is_hidden=is_hidden,
        never_answered=end is not None and end.nature != "person",
        knows_number=end is not None and not end.is_first,
    )


def _fate(row: MailRow, end: MailEnd | None) -> str:
    match row.state:
        case "quarantined":
            return "quarantined"
        case "refused":
            return "dismissed" if row.handled_by and not row.is_released else "refused"
        case "filed":
            if row.reason == "side_letter":
                return "aside"
            if end is None:
                return "gone"
            if end.held:
                return f"other_{end.held}"
            return "recorded" if row.reason == end.nature else "ticket"
        case _:
            return "reading"
