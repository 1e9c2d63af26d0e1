"""Everything on the page of one ticket."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from assurance.access import AccountCard, card
from core.clock import NEVER
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import get_ticket_for, living_number, visible_to
from tickets.enums import Author, Direction, Held
from tickets.models import Ticket, TicketLink
from tickets.numbers import pretty
from tickets.policies.level import level_now
from tickets.queries import composing
from tickets.queries.colleagues import MentionView
from tickets.queries.composing import ColleagueDraft, DraftView, RecipientView
from tickets.queries.files import FileView
from tickets.queries.queue import Person, QueueInfo, people_among, queues_of, working_people
from tickets.queries.tags import TagView
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
    kind: str  # message | note | side | event | auto_reply | held
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
    mentions: tuple[MentionView, ...] = ()  # in a note
    third_party: str = ""  # whom a side letter is to or from
    undo_until: datetime | None = None  # it waits so long, and whoever reads this may take it back

    @property
    def is_settled(self) -> bool:
        """Nothing about it waits for anybody: it offers no button and looks the same to all who may see it."""
        return (
            self.kind == "message"
            and not self.undo_until
            and all(delivery.status in _WENT_WELL for delivery in self.deliveries)
        )

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
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    number: str
    pretty_number: str
    subject: str
    status: str


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
    our_address: str
    status: str
    kind: str
    impact: int
    urgency: int
    priority: int
    level: int
    level_until: datetime | None
    merged_into: str  # number of the ticket it lives on in, where this actor sees that one
    is_spam: bool
    spam_reason: str
    level_reasons: tuple[str, ...]
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
    clocks: tuple[ClockView, ...]
    timeline: tuple[TimelineItem, ...]
    card: AccountCard | None
    claims: tuple[ClaimView, ...]
    matches: tuple[MatchView, ...]
    earlier: tuple[EarlierTicket, ...]
    drafts: dict[str, DraftView] = field(hash=False)
    uploads: tuple[FileView, ...]
    recipients: tuple[RecipientView, ...]
    colleagues: tuple[ColleagueDraft, ...]  # what others are writing here
    signature: str  # as it will stand under a reply of the reader
    tags: tuple[TagView, ...]
    merged: tuple[EarlierTicket, ...]  # those that went into it
    linked: tuple[EarlierTicket, ...]  # as far as this actor may see them
    offered_tags: tuple[TagView, ...]  # that it does not bear
    queues: tuple[QueueInfo, ...]  # where it may be moved
    people: tuple[Person, ...]  # whom it may be given
    followers: tuple[Person, ...]
    can_work: bool
    withheld_reply: str

    @property
    def last_message(self) -> int:
        """Id of the newest one shown; 0 when there is none."""
        return max((item.id for item in self.timeline if item.kind not in {"note", "side", "event"}), default=0)

    @property
    def besides(self) -> "TicketPage":
        """What the panels round the conversation show: without what changes with every message or key."""
        return replace(self, version=0, timeline=(), drafts={}, colleagues=(), withheld_reply="", queues=(), people=())


_MOST_ITEMS = 500
_LISTS = {
    "messages": """
        SELECT message.id, public_id, direction, author, nature, held, level, reasons, sender_email, sender_name,
            sender_literal, recipients, subject, text, quoted_text, html <> '' AS has_html, remarks, created_at,
            staff.name AS staff_name, staff_id, leaves_at
        FROM tickets_message AS message LEFT JOIN staff_staffprofile AS staff ON staff.id = staff_id
        WHERE ticket_id = %(ticket)s AND withdrawn_at IS NULL ORDER BY message.id DESC LIMIT %(most)s""",
    "clocks": """
        SELECT metric, due_at, met_at, is_open FROM tickets_clock WHERE ticket_id = %(ticket)s ORDER BY id""",
    "claims": """
        SELECT kind, value FROM tickets_identityclaim WHERE ticket_id = %(ticket)s ORDER BY id""",
    "matches": """
        SELECT account_id, name AS account_name, certainty, claims
        FROM tickets_identitymatch AS match JOIN customers_account AS account ON account.id = account_id
        WHERE ticket_id = %(ticket)s ORDER BY match.id""",
    "uploads": """
        SELECT public_id, filename, content_type, size_bytes FROM tickets_upload
        WHERE ticket_id = %(ticket)s AND staff_id = %(staff)s ORDER BY id""",
    "tags": """
        SELECT tag.id, name, colour, is_active FROM tickets_tickettag JOIN tickets_tag AS tag ON tag.id = tag_id
        WHERE ticket_id = %(ticket)s ORDER BY name""",
    "offered_tags": """
        SELECT id, name, colour FROM tickets_tag WHERE is_active AND NOT EXISTS (
            SELECT 1 FROM tickets_tickettag WHERE ticket_id = %(ticket)s AND tag_id = tickets_tag.id) ORDER BY name""",
    "merged": """
        SELECT number, subject, status FROM tickets_ticket WHERE merged_into_id = %(ticket)s ORDER BY id""",
    "withheld": """
        SELECT reason FROM tickets_autoreply WHERE ticket_id = %(ticket)s AND form = 'none' ORDER BY id LIMIT 1""",
    "notes": """
        SELECT note.id, public_id, text, mentions, created_at, name AS author_name
        FROM tickets_note AS note JOIN staff_staffprofile AS author ON author.id = staff_id
        WHERE ticket_id = %(ticket)s ORDER BY note.id DESC LIMIT %(most)s""",
    "side": """
        SELECT letter.id, letter.public_id, direction, nature, held, level, reasons, sender_email, sender_name, subject,
            text, quoted_text, status, code, detail, letter.created_at, aside.email AS third_party,
            staff.name AS staff_name
        FROM tickets_sideletter AS letter JOIN tickets_sideconversation AS aside ON aside.id = conversation_id
        LEFT JOIN staff_staffprofile AS staff ON staff.id = staff_id
        WHERE ticket_id = %(ticket)s ORDER BY letter.id DESC LIMIT %(most)s""",
    "events": """
        SELECT id, type, actor, at, data FROM events_event JOIN events_eventpayload ON event_id = id
        WHERE stream = %(stream)s AND type = ANY(%(shown)s) ORDER BY sequence DESC LIMIT %(most)s""",
    "files": """
        SELECT 'message' AS side, message_id AS item_id, file.* FROM tickets_attachment AS file
        WHERE message_id IN (SELECT id FROM tickets_message WHERE ticket_id = %(ticket)s)
        UNION ALL
        SELECT 'note', note_id, file.* FROM tickets_attachment AS file
        WHERE note_id IN (SELECT id FROM tickets_note WHERE ticket_id = %(ticket)s)
        UNION ALL
        SELECT 'side', side_letter_id, file.* FROM tickets_attachment AS file
        WHERE side_letter_id IN (
            SELECT letter.id FROM tickets_sideletter AS letter JOIN tickets_sideconversation AS aside
            ON aside.id = conversation_id WHERE ticket_id = %(ticket)s) ORDER BY id""",
    "copies": """
        SELECT message_id, id, email, status, code, detail FROM tickets_outboundcopy
        WHERE message_id IN (SELECT id FROM tickets_message WHERE ticket_id = %(ticket)s) ORDER BY id""",
}
SHOWN_EVENTS = ["StatusChanged", "AssigneeChanged", "QueueChanged", "TicketClassified", "AccountChosen",
                "OtherSenderAccepted", "OtherSenderRefused", "LevelFell", "TicketTagged", "TicketUntagged",
                "TicketMarkedSpam", "TicketUnmarkedSpam", "TicketMerged", "TicketsJoined",
                "TicketUnmerged", "TicketsParted", "MessageMoved", "MessageCame", "TicketsLinked", "TicketsUnlinked",
                "ReplyWithdrawn", "RecipientAdded", "LanguageChanged",
                "SecretShown", "SecretsWiped", "EvidencePacked", "ActionRequested",
                "ActionConfirmationAsked", "ActionAuthorised", "ActionSeconded", "ActionExecuted", "ActionRefused",
                "ActionEnded", "PressureRaised", "GlassBroken", "ProofEntered", "ProofFailed"]  # fmt: skip


def ticket_page(actor: Actor, number: str, *, now: datetime) -> TicketPage:
    """Everything the ticket page shows. Three queries, whatever the number of messages: the ticket, all that
    belongs to it, the account's card.
    """
    ticket = get_ticket_for(actor, number, also=("assignee",))
    belongs = _belongings(actor, ticket)
    level = level_now(ticket.level, ticket.level_until, now=now)
    asked = next((m for m in belongs["messages"] if m["author"] == Author.REQUESTER), None)
    return TicketPage(
        id=ticket.pk,
        number=ticket.number,
        pretty_number=pretty(ticket.number),
        public_id=str(ticket.public_id),
        version=ticket.version,
        subject=ticket.subject,
        door=ticket.door,
        channel=ticket.channel,
        our_address=ticket.our_address,
        status=ticket.status,
        kind=ticket.kind,
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=ticket.priority,
        level=int(level),
        level_until=ticket.level_until,
        merged_into=_living(actor, ticket) if ticket.merged_into_id else "",
        is_spam=ticket.is_spam,
        spam_reason=ticket.spam_reason,
        level_reasons=tuple(asked["reasons"]) if asked else (),
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
        clocks=tuple(_clock(row, now) for row in belongs["clocks"]),
        timeline=_timeline(belongs, reader=actor.staff_id),
        card=card(actor, ticket.account_id, level=level) if ticket.account_id else None,
        claims=tuple(ClaimView(**row) for row in belongs["claims"]),
        matches=tuple(MatchView(**row | {"claims": tuple(row["claims"])}) for row in belongs["matches"]),
        earlier=_named(belongs["earlier"]),
        drafts=composing.drafts_of(belongs["drafts"]),
        uploads=tuple(FileView(**row) for row in belongs["uploads"]),
        recipients=tuple(RecipientView(**row) for row in belongs["recipients"]),
        colleagues=composing.of_colleagues(belongs["colleagues"]),
        signature=composing.signature_of(belongs["signature"], ticket),
        merged=_named(belongs["merged"]),
        linked=_named(belongs["linked"]),
        tags=tuple(TagView(**row) for row in belongs["tags"]),
        offered_tags=tuple(TagView(**row) for row in belongs["offered_tags"]),
        queues=tuple(QueueInfo(**row) for row in belongs["queues"]),
        people=tuple(Person(**row) for row in belongs["people"]),
        followers=tuple(Person(**row) for row in belongs["followers"]),
        can_work=actor.may(Perm.WORK_TICKETS),
        withheld_reply=next((row["reason"] for row in belongs["withheld"]), ""),
    )


def _named(rows: list[dict[str, Any]]) -> tuple[EarlierTicket, ...]:
    return tuple(EarlierTicket(pretty_number=pretty(row["number"]), **row) for row in rows)


def _living(actor: Actor, ticket: Ticket) -> str:
    number = living_number(ticket)
    return number if visible_to(actor).filter(number=number).exists() else ""


def _belongings(actor: Actor, ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    may_work, may_assign = actor.may(Perm.WORK_TICKETS), actor.may(Perm.ASSIGN_OTHERS)
    lists: dict[str, str | QuerySet[Any, Any]] = {
        **_LISTS,
        **composing.LISTS,
        "earlier": _earlier(actor, ticket),
        "linked": _linked(actor, ticket),
        "queues": queues_of(actor) if may_work else NOTHING,
        "people": working_people() if may_assign else NOTHING,
        "followers": people_among(ticket.followers) if ticket.followers else NOTHING,
    }
    return together(
        lists,
        ticket=ticket.pk,
        staff=actor.staff_id,
        queue=ticket.queue_id,
        language=ticket.language,
        stream=f"ticket:{ticket.pk}",
        shown=SHOWN_EVENTS,
        most=_MOST_ITEMS,
    )


def _linked(actor: Actor, ticket: Ticket) -> QuerySet[Ticket, Any]:
    links = TicketLink.objects.filter(Q(one=ticket) | Q(other=ticket))
    others = visible_to(actor).filter(Q(pk__in=links.values("one")) | Q(pk__in=links.values("other")))
    return others.exclude(pk=ticket.pk).order_by("-id").values("number", "subject", "status")[:20]


def _earlier(actor: Actor, ticket: Ticket) -> str | QuerySet[Ticket, Any]:
    same = Q(account_id=ticket.account_id) if ticket.account_id else Q(requester_email=ticket.requester_email)
    if not ticket.account_id and not ticket.requester_email:
        return NOTHING
    others = visible_to(actor).filter(same).exclude(pk=ticket.pk)
    return others.order_by("-id").values("number", "subject", "status")[:5]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(row: Mapping[str, Any], now: datetime) -> ClockView:
    due_at, met_at = (_time(row[name]) if row[name] else None for name in ("due_at", "met_at"))
    if not row["is_open"]:
        state = "met" if met_at else "paused"
    elif due_at is None:
        state = "paused"
    else:
        state = "late" if due_at < now else "running"
    return ClockView(row["metric"], due_at, met_at, state)


def _timeline(belongs: Mapping[str, list[dict[str, Any]]], *, reader: int | None) -> tuple[TimelineItem, ...]:
    """Messages, notes and events in one order."""
    files: dict[tuple[str, int], list[FileView]] = defaultdict(list)
    for f in belongs["files"]:
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
    for c in belongs["copies"]:
        copies[c["message_id"]].append(DeliveryView(c["id"], c["email"], c["status"], c["code"], c["detail"]))
    items = [
        _message_item(m, tuple(files["message", m["id"]]), tuple(copies[m["id"]]), reader=reader)
        for m in belongs["messages"]
    ]
    items += [
        TimelineItem(
            "note",
            _time(n["created_at"]),
            n["id"],
            n["public_id"],
            author_name=n["author_name"],
            text=n["text"],
            mentions=tuple(MentionView(*mention) for mention in n["mentions"]),
            attachments=tuple(files["note", n["id"]]),
        )
        for n in belongs["notes"]
    ]
    items += [_side_item(letter, tuple(files["side", letter["id"]])) for letter in belongs["side"]]
    items += [
        TimelineItem("event", _time(e["at"]), e["id"], event_type=e["type"], event_data=e["data"], actor=e["actor"])
        for e in belongs["events"]
    ]
    return tuple(sorted(items, key=lambda item: (item.at, item.kind == "event", item.id)))


def _message_item(
    m: Mapping[str, Any], files: tuple[FileView, ...], copies: tuple[DeliveryView, ...], *, reader: int | None
) -> TimelineItem:
    may_undo = m["leaves_at"] and m["staff_id"] == reader and all(copy.status == "queued" for copy in copies)
    if m["direction"] == Direction.OUTBOUND:
        kind = "auto_reply" if m["author"] == Author.SYSTEM else "message"
    else:
        kind = "held" if m["held"] in {Held.WAITING, Held.REFUSED} else "message"
    return TimelineItem(
        kind,
        _time(m["created_at"]),
        m["id"],
        m["public_id"],
        direction=m["direction"],
        author_name=m["staff_name"] or m["sender_name"],
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
        undo_until=_time(m["leaves_at"]) if may_undo else None,
    )


def _side_item(letter: Mapping[str, Any], files: tuple[FileView, ...]) -> TimelineItem:
    delivery = DeliveryView(letter["id"], letter["third_party"], letter["status"], letter["code"], letter["detail"])
    return TimelineItem(
        "side",
        _time(letter["created_at"]),
        letter["id"],
        letter["public_id"],
        direction=letter["direction"],
        author_name=letter["staff_name"] or letter["sender_name"],
        author_email=letter["sender_email"],
        level=letter["level"],
        reasons=tuple(letter["reasons"]),
        nature=letter["nature"],
        subject=letter["subject"],
        text=letter["text"],
        quoted=letter["quoted_text"],
        warnings=(letter["held"],) if letter["held"] else (),
        third_party=letter["third_party"],
        attachments=files,
        deliveries=(delivery,) if letter["direction"] == Direction.OUTBOUND else (),
    )
