"""The conversation of a ticket as its page shows it: messages, notes, side letters and events in one order."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tickets.enums import Author, Direction, Held
from tickets.numbers import CALLS, pretty
from tickets.queries.colleagues import MentionView
from tickets.queries.files import FileView

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
class CallView:
    """A call about the ticket. What its note keeps is the `text` of the item."""

    number: str
    pretty_number: str
    direction: str
    caller: str  # as he called himself
    caller_number: str
    ended_at: datetime | None
    disposition: str
    summary: str
    is_for_customer: bool


@dataclass(frozen=True, slots=True)
class TimelineItem:
    kind: str  # message | note | call | side | event | auto_reply | held
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
    call: CallView | None = None
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


LISTS = {
    "messages": """
        SELECT message.id, public_id, direction, author, nature, held, level, reasons, sender_email, sender_name,
            sender_literal, recipients, subject, text, quoted_text, html <> '' AS has_html, remarks, created_at,
            staff.name AS staff_name, staff_id, leaves_at
        FROM tickets_message AS message LEFT JOIN staff_staffprofile AS staff ON staff.id = staff_id
        WHERE ticket_id = %(ticket)s AND withdrawn_at IS NULL ORDER BY message.id DESC LIMIT %(most)s""",
    "notes": """
        SELECT note.id, note.public_id, text, mentions, created_at, author.name AS author_name,
            call.number, call.direction, caller_name,
            coalesce(nullif(caller_number, ''), caller_literal) AS caller_number,
            call.ended_at, call.disposition, call.summary, call.is_for_customer
        FROM tickets_note AS note JOIN staff_staffprofile AS author ON author.id = note.staff_id
        LEFT JOIN tickets_call AS call ON call.note_id = note.id
        WHERE note.ticket_id = %(ticket)s ORDER BY note.id DESC LIMIT %(most)s""",
    "side": """
        SELECT letter.id, letter.public_id, direction, nature, held, level, reasons, sender_email, sender_name, subject,
            text, quoted_text, status, code, detail, letter.created_at, leaves_at, staff_id, aside.email AS third_party,
            staff.name AS staff_name
        FROM tickets_sideletter AS letter JOIN tickets_sideconversation AS aside ON aside.id = conversation_id
        LEFT JOIN staff_staffprofile AS staff ON staff.id = staff_id
        WHERE ticket_id = %(ticket)s AND withdrawn_at IS NULL ORDER BY letter.id DESC LIMIT %(most)s""",
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
                "FieldFilled", "TicketMarkedSpam", "TicketUnmarkedSpam", "TicketMerged", "TicketsJoined",
                "TicketUnmerged", "TicketsParted", "MessageMoved", "MessageCame", "TicketsLinked", "TicketsUnlinked",
                "ReplyWithdrawn", "SideLetterWithdrawn", "RecipientAdded", "RecipientDropped", "RecipientRightChanged",
                "LanguageChanged", "SecretShown", "SecretFileOpened", "SecretsWiped", "WordsErased", "WordsRedacted",
                "EvidencePacked", "ActionRequested",
                "ActionConfirmationAsked", "ActionAuthorised", "ActionSeconded", "ActionExecuted", "ActionRefused",
                "ActionAnnounced", "ActionNumberCalled", "ActionEnded", "TicketKept", "TicketLetGo",
                "PressureRaised", "GlassBroken", "ProofEntered", "ProofFailed",
                "PromiseMade", "PromiseKept", "PromiseWithdrawn", "PromiseWaived", "ChecklistAnswered"]  # fmt: skip


def of_ticket(belongs: Mapping[str, list[dict[str, Any]]], *, reader: int | None) -> tuple[TimelineItem, ...]:
    """`reader` is who may take back what waits for him."""
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
                f["is_secret"],
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
            "call" if n["number"] else "note",
            _time(n["created_at"]),
            n["id"],
            n["public_id"],
            author_name=n["author_name"],
            text=n["text"],
            mentions=tuple(MentionView(*mention) for mention in n["mentions"]),
            attachments=tuple(files["note", n["id"]]),
            call=_call(n) if n["number"] else None,
        )
        for n in belongs["notes"]
    ]
    items += [_side_item(letter, tuple(files["side", letter["id"]]), reader=reader) for letter in belongs["side"]]
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


def _side_item(letter: Mapping[str, Any], files: tuple[FileView, ...], *, reader: int | None) -> TimelineItem:
    may_undo = letter["leaves_at"] and letter["staff_id"] == reader and letter["status"] == "queued"
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
        undo_until=_time(letter["leaves_at"]) if may_undo else None,
    )


def _call(n: Mapping[str, Any]) -> CallView:
    return CallView(
        n["number"],
        pretty(n["number"], CALLS),
        n["direction"],
        n["caller_name"],
        n["caller_number"],
        _time(n["ended_at"]) if n["ended_at"] else None,
        n["disposition"],
        n["summary"],
        n["is_for_customer"],
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
