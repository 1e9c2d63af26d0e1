"""Everything on the page of one ticket."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from assurance.access import AccountCard, card
from core.clock import NEVER
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import get_ticket_for, visible_to
from tickets.enums import Author, Direction, Held
from tickets.models import Message, Ticket
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.queries.files import FileView
from tickets.queries.queue import Person, QueueInfo, queues_of, working_people
from tickets.queries.together import NOTHING, together

_SHORT = 10_000
_WENT_WELL = ("queued", "pending", "sending", "sent")


@dataclass(frozen=True, slots=True)
class DeliveryView:
    copy_id: int
    recipient: str
    status: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class TimelineItem:
    kind: str  # message | note | event | auto_reply | held
    at: datetime
    id: int
    public_id: str = ""
    direction: str = ""
    author_name: str = ""
    author_email: str = ""
    author_literal: str = ""
    level: int | None = None
    reasons: tuple[str, ...] = ()
    nature: str = "person"
    subject: str = ""
    text: str = ""
    quoted: str = ""
    has_html: bool = False
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    attachments: tuple[FileView, ...] = ()
    deliveries: tuple[DeliveryView, ...] = ()
    event_type: str = ""
    event_data: dict[str, Any] = field(default_factory=dict, hash=False)
    actor: str = ""

    @property
    def is_settled(self) -> bool:
        """Nothing about it waits for anybody: it offers no button and looks the same to all who may see it."""
        return self.kind == "message" and all(delivery.status in _WENT_WELL for delivery in self.deliveries)

    @property
    def is_short(self) -> bool:
        return len(self.text) + len(self.quoted) < _SHORT


@dataclass(frozen=True, slots=True)
class ClockView:
    metric: str
    due_at: datetime | None
    met_at: datetime | None
    state: str  # running | late | paused | met


@dataclass(frozen=True, slots=True)
class ClaimView:
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class MatchView:
    account_id: int
    account_name: str
    certainty: str
    claims: list[str]


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    number: str
    pretty_number: str
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class DraftView:
    text: str
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TicketPage:
    id: int
    number: str
    pretty_number: str
    public_id: str
    version: int
    subject: str
    door: str
    channel: str
    status: str
    kind: str
    impact: int
    urgency: int
    priority: int
    level: int
    level_until: datetime | None
    level_reasons: list[str]
    created_at: datetime
    due_at: datetime | None
    queue_slug: str
    queue_name_ru: str
    queue_name_en: str
    tier: int
    assignee_id: int | None
    assignee_name: str
    requester_name: str
    requester_email: str
    language: str
    clocks: list[ClockView]
    timeline: list[TimelineItem]
    card: AccountCard | None
    claims: list[ClaimView]
    matches: list[MatchView]
    earlier: list[EarlierTicket]
    drafts: dict[str, DraftView]
    uploads: list[FileView]
    recipients: list[str]
    queues: list[QueueInfo]  # where it may be moved
    people: list[Person]  # whom it may be given
    can_work: bool
    withheld_reply: str


_MOST_ITEMS = 500
_AROUND = {
    "clocks": """
        SELECT metric, due_at, met_at, is_open FROM tickets_clock WHERE ticket_id = %(ticket)s ORDER BY id""",
    "claims": """
        SELECT kind, value FROM tickets_identityclaim WHERE ticket_id = %(ticket)s ORDER BY id""",
    "matches": """
        SELECT account_id, name AS account_name, certainty, claims
        FROM tickets_identitymatch AS match JOIN customers_account AS account ON account.id = account_id
        WHERE ticket_id = %(ticket)s ORDER BY match.id""",
    "drafts": """
        SELECT mode, text, version, updated_at FROM tickets_draft
        WHERE ticket_id = %(ticket)s AND staff_id = %(staff)s""",
    "uploads": """
        SELECT public_id, filename, content_type, size_bytes FROM tickets_upload
        WHERE ticket_id = %(ticket)s AND staff_id = %(staff)s ORDER BY id""",
    "recipients": """
        SELECT email FROM tickets_participant
        WHERE ticket_id = %(ticket)s AND email <> '' ORDER BY is_requester DESC, id""",
    "withheld": """
        SELECT reason FROM tickets_autoreply WHERE ticket_id = %(ticket)s AND form = 'none' ORDER BY id LIMIT 1""",
    "notes": """
        SELECT note.id, public_id, text, created_at, name AS author_name
        FROM tickets_note AS note JOIN staff_staffprofile AS author ON author.id = staff_id
        WHERE ticket_id = %(ticket)s ORDER BY note.id DESC LIMIT %(most)s""",
    "events": """
        SELECT id, type, actor, at, data FROM events_event JOIN events_eventpayload ON event_id = id
        WHERE stream = %(stream)s AND type = ANY(%(shown)s) ORDER BY sequence DESC LIMIT %(most)s""",
    "files": """
        SELECT 'message' AS side, message_id AS item_id, file.* FROM tickets_attachment AS file
        WHERE message_id IN (SELECT id FROM tickets_message WHERE ticket_id = %(ticket)s)
        UNION ALL
        SELECT 'note', note_id, file.* FROM tickets_attachment AS file
        WHERE note_id IN (SELECT id FROM tickets_note WHERE ticket_id = %(ticket)s) ORDER BY id""",
    "copies": """
        SELECT message_id, id, email, status, code, detail FROM tickets_outboundcopy
        WHERE message_id IN (SELECT id FROM tickets_message WHERE ticket_id = %(ticket)s) ORDER BY id""",
}
SHOWN_EVENTS = ["StatusChanged", "AssigneeChanged", "QueueChanged", "TicketClassified", "AccountChosen",
                "OtherSenderAccepted", "OtherSenderRefused", "LevelFell"]  # fmt: skip


def ticket_page(actor: Actor, number: str, *, now: datetime) -> TicketPage:
    """Everything the ticket page shows. Four queries, whatever the number of messages: the ticket, its messages,
    what stands around them, the account's card.
    """
    ticket = get_ticket_for(actor, number, also=("assignee",))
    messages = _messages(ticket)
    around = _around(actor, ticket)
    level = level_now(ticket.level, ticket.level_until, now=now)
    asked = next((m for m in reversed(messages) if m["author"] == Author.REQUESTER), None)
    return TicketPage(
        id=ticket.pk,
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        public_id=str(ticket.public_id),
        version=ticket.version,
        subject=ticket.subject,
        door=ticket.door,
        channel=ticket.channel,
        status=ticket.status,
        kind=ticket.kind,
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=ticket.priority,
        level=int(level),
        level_until=ticket.level_until,
        level_reasons=list(asked["reasons"]) if asked else [],
        created_at=ticket.created_at,
        due_at=None if ticket.due_at == NEVER else ticket.due_at,
        queue_slug=ticket.queue.slug,
        queue_name_ru=ticket.queue.name_ru,
        queue_name_en=ticket.queue.name_en,
        tier=ticket.team.tier,
        assignee_id=ticket.assignee_id,
        assignee_name=ticket.assignee.name if ticket.assignee else "",
        requester_name=ticket.requester_name,
        requester_email=ticket.requester_email,
        language=ticket.language,
        clocks=[_clock(row, now) for row in around["clocks"]],
        timeline=_timeline(messages, around),
        card=card(actor, ticket.account_id, level=level) if ticket.account_id else None,
        claims=[ClaimView(**row) for row in around["claims"]],
        matches=[MatchView(**row) for row in around["matches"]],
        earlier=[EarlierTicket(pretty_number=pretty(row["number"]), **row) for row in around["earlier"]],
        drafts={d["mode"]: DraftView(d["text"], d["version"], _time(d["updated_at"])) for d in around["drafts"]},
        uploads=[FileView(**row) for row in around["uploads"]],
        recipients=[row["email"] for row in around["recipients"]],
        queues=[QueueInfo(**row) for row in around["queues"]],
        people=[Person(**row) for row in around["people"]],
        can_work=actor.may(Perm.WORK_TICKETS),
        withheld_reply=next((row["reason"] for row in around["withheld"]), ""),
    )


def _around(actor: Actor, ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    may_work, may_assign = actor.may(Perm.WORK_TICKETS), actor.may(Perm.ASSIGN_OTHERS)
    lists: dict[str, str | QuerySet[Any, Any]] = {
        **_AROUND,
        "earlier": _earlier(actor, ticket) or NOTHING,
        "queues": queues_of(actor) if may_work else NOTHING,
        "people": working_people() if may_assign else NOTHING,
    }
    return together(
        lists,
        ticket=ticket.pk,
        staff=actor.staff_id,
        stream=f"ticket:{ticket.pk}",
        shown=SHOWN_EVENTS,
        most=_MOST_ITEMS,
    )


def _earlier(actor: Actor, ticket: Ticket) -> QuerySet[Ticket, Any] | None:
    same = Q(account_id=ticket.account_id) if ticket.account_id else Q(requester_email=ticket.requester_email)
    if not ticket.account_id and not ticket.requester_email:
        return None
    others = visible_to(actor).filter(same).exclude(pk=ticket.pk)
    return others.order_by("-id").values("number", "subject", "status")[:5]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(row: Mapping[str, Any], now: datetime) -> ClockView:
    due_at, met_at = (_time(row[name]) if row[name] else None for name in ("due_at", "met_at"))
    if not row["is_open"]:
        state = "met"
    elif due_at is None:
        state = "paused"
    else:
        state = "late" if due_at < now else "running"
    return ClockView(row["metric"], due_at, met_at, state)


def _messages(ticket: Ticket) -> list[dict[str, Any]]:
    """The newest, in their order. A body of HTML stays where it is; whether there is one is asked along."""
    found = Message.objects.filter(ticket=ticket).annotate(has_html=Case(When(html="", then=False), default=True))
    columns = ("id", "public_id", "direction", "author", "nature", "held", "level", "reasons", "sender_email",
               "sender_name", "sender_literal", "recipients", "subject", "text", "quoted_text", "remarks", "created_at",
               "staff__name", "has_html")  # fmt: skip
    return list(found.order_by("-id").values(*columns)[:_MOST_ITEMS])[::-1]


def _timeline(messages: list[dict[str, Any]], around: Mapping[str, list[dict[str, Any]]]) -> list[TimelineItem]:
    """Messages, notes and events in one order."""
    files: dict[tuple[str, int], list[FileView]] = defaultdict(list)
    for f in around["files"]:
        files[f["side"], f["item_id"]].append(
            FileView(
                f["public_id"],
                f["filename"],
                f["content_type"],
                f["size_bytes"],
                f["is_inline"],
                f["is_damaged"],
                f["remark"],
                f["digest"],
            )
        )
    copies: dict[int, list[DeliveryView]] = defaultdict(list)
    for c in around["copies"]:
        copies[c["message_id"]].append(DeliveryView(c["id"], c["email"], c["status"], c["code"], c["detail"]))
    items = [_message_item(m, tuple(files["message", m["id"]]), tuple(copies[m["id"]])) for m in messages]
    items += [
        TimelineItem(
            "note",
            _time(n["created_at"]),
            n["id"],
            n["public_id"],
            author_name=n["author_name"],
            text=n["text"],
            attachments=tuple(files["note", n["id"]]),
        )
        for n in around["notes"]
    ]
    items += [
        TimelineItem("event", _time(e["at"]), e["id"], event_type=e["type"], event_data=e["data"], actor=e["actor"])
        for e in around["events"]
    ]
    items.sort(key=lambda item: (item.at, item.kind == "event", item.id))
    return items


def _message_item(m: Mapping[str, Any], files: tuple[FileView, ...], copies: tuple[DeliveryView, ...]) -> TimelineItem:
    if m["direction"] == Direction.OUTBOUND:
        kind = "auto_reply" if m["author"] == Author.SYSTEM else "message"
    else:
        kind = "held" if m["held"] in {Held.WAITING, Held.REFUSED} else "message"
    return TimelineItem(
        kind,
        m["created_at"],
        m["id"],
        str(m["public_id"]),
        direction=m["direction"],
        author_name=m["staff__name"] or m["sender_name"],
        author_email=m["sender_email"],
        author_literal=m["sender_literal"],
        level=m["level"],
        reasons=tuple(m["reasons"]),
        nature=m["nature"],
        subject=m["subject"],
        text=m["text"],
        quoted=m["quoted_text"],
        has_html=m["has_html"] and m["direction"] == Direction.INBOUND,
        to=tuple(m["recipients"].get("to", [])),
        cc=tuple(m["recipients"].get("cc", [])),
        warnings=(*m["remarks"], *(["refused"] if m["held"] == Held.REFUSED else [])),
        attachments=files,
        deliveries=copies,
    )
