"""Everything on the page of one ticket."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from assurance.access import AccountCard, card
from core.clock import NEVER
from events.models import Event
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm
from tickets.access import get_ticket_for, visible_to
from tickets.enums import Author, Direction, Held
from tickets.models import (
    Attachment,
    AutoReply,
    Clock,
    Draft,
    IdentityClaim,
    IdentityMatch,
    Message,
    Note,
    OutboundCopy,
    Participant,
    Ticket,
    Upload,
)
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.queries.files import FileView, file_view


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
    reasons: list[str] = field(default_factory=list)
    nature: str = "person"
    subject: str = ""
    text: str = ""
    quoted: str = ""
    has_html: bool = False
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    attachments: list[FileView] = field(default_factory=list)
    deliveries: list[DeliveryView] = field(default_factory=list)
    event_type: str = ""
    event_data: dict[str, Any] = field(default_factory=dict)
    actor: str = ""


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
    can_work: bool
    withheld_reply: str


SHOWN_EVENTS = ("StatusChanged", "AssigneeChanged", "QueueChanged", "TicketClassified", "AccountChosen",
                "OtherSenderAccepted", "OtherSenderRefused", "LevelFell")  # fmt: skip
_MOST_ITEMS = 500


def ticket_page(actor: Actor, number: str, *, now: datetime) -> TicketPage:
    """Everything the ticket page shows. The number of queries does not depend on the number of messages."""
    ticket = get_ticket_for(actor, number)
    assignee = StaffProfile.objects.filter(pk=ticket.assignee_id).first() if ticket.assignee_id else None
    timeline, reasons = _timeline(ticket)
    level = level_now(ticket.level, ticket.level_until, now=now)
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
        level_reasons=reasons,
        created_at=ticket.created_at,
        due_at=None if ticket.due_at == NEVER else ticket.due_at,
        queue_slug=ticket.queue.slug,
        queue_name_ru=ticket.queue.name_ru,
        queue_name_en=ticket.queue.name_en,
        tier=ticket.team.tier,
        assignee_id=ticket.assignee_id,
        assignee_name=assignee.name if assignee else "",
        requester_name=ticket.requester_name,
        requester_email=ticket.requester_email,
        language=ticket.language,
        clocks=[_clock(clock, now) for clock in Clock.objects.filter(ticket=ticket).order_by("id")],
        timeline=timeline,
        card=card(actor, ticket.account_id, level=level) if ticket.account_id else None,
        claims=[
            ClaimView(*row)
            for row in IdentityClaim.objects.filter(ticket=ticket).order_by("id").values_list("kind", "value")
        ],
        matches=[
            MatchView(*row)
            for row in IdentityMatch.objects.filter(ticket=ticket)
            .order_by("id")
            .values_list("account_id", "account__name", "certainty", "claims")
        ],
        earlier=_earlier(actor, ticket),
        drafts={
            d.mode: DraftView(d.text, d.version, d.updated_at)
            for d in Draft.objects.filter(ticket=ticket, staff_id=actor.staff_id)
        },
        uploads=[
            FileView(str(u.public_id), u.filename, u.content_type, u.size_bytes)
            for u in Upload.objects.filter(ticket=ticket, staff_id=actor.staff_id).order_by("id")
        ],
        recipients=list(
            Participant.objects.filter(ticket=ticket)
            .exclude(email="")
            .order_by("-is_requester", "id")
            .values_list("email", flat=True)
        ),
        can_work=actor.may(Perm.WORK_TICKETS),
        withheld_reply=AutoReply.objects.filter(ticket=ticket, form="none").values_list("reason", flat=True).first()
        or "",
    )


def _clock(clock: Clock, now: datetime) -> ClockView:
    if not clock.is_open:
        state = "met"
    elif clock.due_at is None:
        state = "paused"
    else:
        state = "late" if clock.due_at < now else "running"
    return ClockView(clock.metric, clock.due_at, clock.met_at, state)


def _earlier(actor: Actor, ticket: Ticket) -> list[EarlierTicket]:
    same = Q(account_id=ticket.account_id) if ticket.account_id else Q(requester_email=ticket.requester_email)
    if not ticket.account_id and not ticket.requester_email:
        return []
    rows = (
        visible_to(actor).filter(same).exclude(pk=ticket.pk).order_by("-id").values_list("number", "subject", "status")
    )
    return [EarlierTicket(number, pretty(number), subject, status) for number, subject, status in rows[:5]]


def _timeline(ticket: Ticket) -> tuple[list[TimelineItem], list[str]]:
    """Messages, notes and events in one order, and the reasons of the requester's last message. Five queries."""
    messages = list(
        Message.objects.filter(ticket=ticket)
        .select_related("staff")
        .defer("facts", "html")
        .order_by("-id")[:_MOST_ITEMS]
    )
    with_html = set(Message.objects.filter(ticket=ticket).exclude(html="").values_list("pk", flat=True))
    notes = list(Note.objects.filter(ticket=ticket).select_related("staff").order_by("-id")[:_MOST_ITEMS])
    files: dict[tuple[str, int], list[FileView]] = defaultdict(list)
    for a in Attachment.objects.filter(Q(message__ticket=ticket) | Q(note__ticket=ticket)).order_by("id"):
        files["message" if a.message_id else "note", a.message_id or a.note_id or 0].append(file_view(a))
    copies: dict[int, list[DeliveryView]] = defaultdict(list)
    for c in OutboundCopy.objects.filter(message__ticket=ticket).order_by("id"):
        copies[c.message_id].append(DeliveryView(c.pk, c.email, c.status, c.code, c.detail))
    events = (
        Event.objects.filter(stream=f"ticket:{ticket.pk}", type__in=SHOWN_EVENTS)
        .select_related("payload")
        .order_by("-sequence")[:_MOST_ITEMS]
    )
    items = [_message_item(m, with_html, files, copies) for m in messages]
    items += [
        TimelineItem(
            "note",
            n.created_at,
            n.pk,
            str(n.public_id),
            author_name=n.staff.name,
            text=n.text,
            attachments=files["note", n.pk],
        )
        for n in notes
    ]
    items += [
        TimelineItem("event", e.at, e.pk, event_type=e.type, event_data=e.payload.data, actor=e.actor) for e in events
    ]
    items.sort(key=lambda item: (item.at, item.kind == "event", item.id))
    last = next((m for m in messages if m.author == Author.REQUESTER), None)
    return items, list(last.reasons) if last else []


def _message_item(
    m: Message,
    with_html: set[int],
    files: Mapping[tuple[str, int], list[FileView]],
    copies: Mapping[int, list[DeliveryView]],
) -> TimelineItem:
    if m.direction == Direction.OUTBOUND:
        kind = "auto_reply" if m.author == Author.SYSTEM else "message"
    else:
        kind = "held" if m.held in {Held.WAITING, Held.REFUSED} else "message"
    return TimelineItem(
        kind,
        m.created_at,
        m.pk,
        str(m.public_id),
        direction=m.direction,
        author_name=m.staff.name if m.staff else m.sender_name,
        author_email=m.sender_email,
        author_literal=m.sender_literal,
        level=m.level,
        reasons=m.reasons,
        nature=m.nature,
        subject=m.subject,
        text=m.text,
        quoted=m.quoted_text,
        has_html=m.pk in with_html and m.direction == Direction.INBOUND,
        to=m.recipients.get("to", []),
        cc=m.recipients.get("cc", []),
        warnings=[*m.remarks, *(["refused"] if m.held == Held.REFUSED else [])],
        attachments=files.get(("message", m.pk), []),
        deliveries=copies.get(m.pk, []),
    )
