"""What the forms under a conversation show, and what they say when they are sent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.policies.ask_lists import AskList, offered
from tickets.policies.promises import kept_by_reply
from tickets.policies.quoting import forwarded, quoted
from tickets.queries import FileView, RecipientView, TicketPage, TimelineItem
from tickets.queries.promises import PromiseView
from tickets.services.drafts import Basis
from tickets.services.promises import MOST_OPEN
from web.desk import names
from web.shared.numbers import number_in
from web.shared.refusals import OF_ADDRESS
from web.shared.words import own_name

MODES = ("reply", "note", "side")
MOST_LETTERS = 100_000
_TEXTS = {
    "cc": 2000,
    "answers": 36,
    "sender": 254,
    "side_to": 300,
    "subject": 500,
    "promise_at": 32,
    "promise": 600,
    "asks": 10_000,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that came back: what it said, why, and whatever its author had not seen."""

    mode: str
    words: str
    text: str
    beside: Mapping[str, Any]
    since: int | None = None  # id of the last message that was on his page
    at: str = ""  # the field whose fault it is; else the text's or nobody's


_WHOSE = {
    "not_our_address": "sender",
    "empty_subject": "subject",
    "promise_odd_time": "promise_at",
    "promise_past": "promise_at",
    "promise_far": "promise_at",
    "promise_too_long": "promise",
    "ask_too_many": "asks",
    "ask_too_long": "asks",
    "too_large": "files",
}


def whose(code: str, mode: str, odd: Collection[str] = ()) -> str:
    """The field of a form that a refusal belongs beside; "" for the text and the form as a whole. `odd` are those
    that hold what cannot be stored.
    """
    if code == "unstorable":
        return next((name for name in _TEXTS if name in odd), "")
    if code in OF_ADDRESS and (mode == "side" or code != "no_recipient"):
        return "side_to" if mode == "side" else "cc"
    return _WHOSE.get(code, "")


@dataclass(frozen=True, slots=True)
class Recipient:
    person: RecipientView
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Composer:
    mode: str
    text: str
    version: int
    seen: int
    recipients: tuple[Recipient, ...] = ()
    cc: str = ""
    answers: str = ""
    answered: str = ""  # whose message that is
    sender: str = ""
    senders: tuple[str, ...] = ()
    meanwhile: tuple[TimelineItem, ...] = field(default=(), hash=False)
    side_to: str = ""
    subject: str = ""
    promise_at: str = ""
    promise: str = ""
    owed: tuple[tuple[PromiseView, bool], ...] = ()  # the open ones, and whether the reply keeps each
    asks: str = ""
    files: tuple[tuple[FileView, bool], ...] = ()  # of the conversation, and whether each goes along


def context(page: TicketPage, asked: QueryDict, refused: Refusal | None) -> dict[str, Any]:
    mode = refused.mode if refused else asked.get("mode", "")
    fitting, others = offered(page.ask_lists, kind=page.kind, service_kind=page.service_kind)
    return {
        "composers": tuple(_composer(name, page, asked, refused) for name in MODES),
        "mode": mode if mode in MODES else MODES[0],
        "refusal": refused.words if refused else "",
        "refused_at": refused.at if refused else "",
        "ask_fitting": _named(fitting, page.language),
        "ask_others": _named(others, page.language),
    }


def _named(lists: Iterable[AskList], language: str) -> tuple[tuple[int, str, str], ...]:
    """Id, name for the agent, what it asks in the customer's language."""
    return tuple((each.id, own_name(each), each.lines(language)) for each in lists)


def _composer(mode: str, page: TicketPage, asked: QueryDict, refused: Refusal | None) -> Composer:
    draft = page.drafts.get(mode)
    text = draft.text if draft else ""
    beside: Mapping[str, Any] = draft.beside if draft else {}
    meanwhile: tuple[TimelineItem, ...] = ()
    if refused and refused.mode == mode:
        text, beside = refused.text, refused.beside
        if refused.since is not None:
            meanwhile = tuple(i for i in page.timeline if i.kind == "message" and i.id > refused.since)
    by_id = {item.public_id: item for item in page.timeline if item.kind == "message"}
    answers = str(beside.get("answers") or "")
    if mode == "reply" and not refused and (item := by_id.get(asked.get("answers", ""))):
        answers = item.public_id
        text = f"{text}\n\n{quoted(item.text)}\n\n".lstrip()
    chosen = beside.get("to")
    side_to, subject, goes_along = str(beside.get("side_to") or ""), str(beside.get("subject") or ""), set()
    if mode == "side":
        goes_along = set(beside.get("forwards") or ())
        if not refused and (item := by_id.get(asked.get("forward", ""))):
            text = f"{text}\n\n{_forwarded(item)}\n".lstrip()
            subject, goes_along = (
                subject or f"Fwd: {item.subject or page.subject}",
                {f.public_id for f in item.attachments if not f.is_secret},
            )
        elif not refused and asked.get("side_to"):
            side_to, subject = asked.get("side_to", ""), subject or asked.get("subject", "")
    senders = senders_of(page.our_address, page.queue_slug)
    return Composer(
        mode=mode,
        text=text,
        version=draft.version if draft else 0,
        seen=page.last_message,
        recipients=tuple(Recipient(r, chosen is None or r.id in chosen) for r in page.recipients),
        cc=str(beside.get("cc") or ""),
        answers=answers if answers in by_id else "",
        answered=by_id[answers].author_name or by_id[answers].author_email if answers in by_id else "",
        sender=str(beside.get("sender") or (senders[0] if senders else "")),
        senders=senders,
        meanwhile=meanwhile,
        side_to=side_to,
        subject=subject,
        promise_at=str(beside.get("promise_at") or ""),
        promise=str(beside.get("promise") or ""),
        owed=_owed(page, beside) if mode == "reply" else (),
        asks=str(beside.get("asks") or ""),
        files=tuple(
            (f, f.public_id in goes_along)
            for i in by_id.values()
            for f in i.attachments
            if mode == "side" and not f.is_secret
        ),
    )


def _owed(page: TicketPage, beside: Mapping[str, Any]) -> tuple[tuple[PromiseView, bool], ...]:
    open_ones = [promise for promise in page.promises if promise.state.is_open]
    kept = kept_by_reply(
        {promise.public_id: promise.is_answer for promise in open_ones},
        shown=beside.get("owed") or (),
        chosen=beside.get("keeps") or (),
    )
    return tuple((promise, promise.public_id in kept) for promise in open_ones)


def _forwarded(item: TimelineItem) -> str:
    """In the third party's mail, so with the zone of every time."""
    headers = (
        (_("From"), f"{item.author_name} <{item.author_email}>".strip()),
        (_("Date"), f"{timezone.localtime(item.at):%d.%m.%Y %H:%M %Z}"),
        (_("To"), ", ".join(item.to)),
        (_("Subject"), item.subject),
    )
    return forwarded(item.text, headers)


def senders_of(our_address: str, queue_slug: str) -> tuple[str, ...]:
    """The ticket's own address first, then the others of its queue."""
    return tuple(dict.fromkeys(filter(None, (our_address, *names.addresses_of(queue_slug)))))


def beside(form: QueryDict) -> dict[str, Any]:
    """What a form says besides its text, as it is kept with a draft. Who was left out is told by who is named."""
    said: dict[str, Any] = {name: form.get(name, "")[:most] for name, most in _TEXTS.items()}
    said["to"] = [pk for each in form.getlist("to") if (pk := number_in(each)) is not None] if "named" in form else None
    for name in ("owed", "keeps"):
        said[name] = [each[:36] for each in form.getlist(name)[:MOST_OPEN]]
    said["forwards"] = [each[:36] for each in form.getlist("forwards")[:50]]
    return said


def basis(form: QueryDict) -> Basis:
    return Basis(
        version=number_in(form.get("version", "")),
        window=form.get("window", "")[:36],
        seen=number_in(form.get("seen", "")),
    )
