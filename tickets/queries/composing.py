"""What the composer shows: who receives, what is being written, what stands under it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from staff.actor import Actor
from tickets.access import NotVisible, visible_to
from tickets.models import Draft, Message, Ticket, Upload
from tickets.numbers import pretty
from tickets.policies.participation import Part, PartRight, in_order, rights
from tickets.policies.signature import chosen, filled
from tickets.queries.files import FileView


@dataclass(frozen=True, slots=True)
class RecipientView:
    id: int
    email: str
    name: str
    is_requester: bool
    may_reply: bool  # False: gets copies, what he writes is held
    last_status: str  # of the last letter to this address; "" if there was none
    added_at: datetime
    added_by: str
    rights: tuple[PartRight, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    text: str
    version: int
    updated_at: datetime
    beside: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class ColleagueDraft:
    id: int
    name: str
    mode: str
    updated_at: datetime
    beginning: str


# Whether the roles of a participant in the account let him authorise.
DECIDES = """EXISTS (
    SELECT 1 FROM customers_contactrole AS role WHERE role.account_id = %(account)s AND role.role = ANY(%(deciding)s)
    AND role.contact_id = CASE WHEN part.is_requester THEN %(contact)s ELSE part.contact_id END)"""
LISTS = {
    "drafts": """
        SELECT mode, text, version, updated_at, beside FROM tickets_draft
        WHERE ticket_id = %(ticket)s AND staff_id = %(staff)s""",
    "colleagues": """
        SELECT draft.id, name, mode, updated_at, left(text, 160) AS beginning
        FROM tickets_draft AS draft JOIN staff_staffprofile AS author ON author.id = staff_id
        WHERE ticket_id = %(ticket)s AND staff_id <> %(staff)s AND text <> '' ORDER BY draft.id""",
    "recipients": f"""
        SELECT id, email, name, is_requester, may_reply, added_at, added_by, coalesce((
            SELECT status FROM tickets_outboundcopy WHERE participant_id = part.id
            ORDER BY id DESC LIMIT 1), '') AS last_status, {DECIDES} AS decides
        FROM tickets_participant AS part
        WHERE ticket_id = %(ticket)s AND email <> '' AND dropped_at IS NULL
        ORDER BY is_requester DESC, may_reply DESC, id""",  # noqa: S608 - words of ours
    "signature": """
        SELECT coalesce(nullif(public_name, ''), name) AS name,
            (SELECT text FROM tickets_signature WHERE staff_id = writer.id AND language = %(language)s) AS own,
            (SELECT text FROM tickets_signature WHERE queue_id = %(queue)s AND language = %(language)s) AS queues
        FROM staff_staffprofile AS writer WHERE id = %(staff)s""",
}


def recipient(row: Mapping[str, Any]) -> RecipientView:
    shown = {name: value for name, value in row.items() if name != "decides"}
    given = in_order(rights(Part(row["is_requester"], row["may_reply"], decides=row["decides"])))
    return RecipientView(**shown | {"added_at": datetime.fromisoformat(row["added_at"]), "rights": given})


def drafts_of(rows: list[dict[str, Any]]) -> dict[str, DraftView]:
    return {row["mode"]: DraftView(row["text"], row["version"], _time(row), row["beside"]) for row in rows}


def of_colleagues(rows: list[dict[str, Any]]) -> tuple[ColleagueDraft, ...]:
    return tuple(ColleagueDraft(**row | {"updated_at": _time(row)}) for row in rows)


def signature_of(rows: Sequence[Mapping[str, Any]], ticket: Ticket) -> str:
    """As it will stand under a reply of whoever reads the page."""
    if not rows:
        return ""
    name, queue = rows[0]["name"], ticket.queue
    words = chosen(own=rows[0]["own"] or "", queues=rows[0]["queues"] or "", name=name)
    of_queue = queue.name_ru if ticket.language == "ru" else queue.name_en
    return filled(words, {"name": name, "queue": of_queue, "number": pretty(ticket.number)})


def colleague_draft(actor: Actor, number: str, draft_id: int) -> tuple[ColleagueDraft, str]:
    """A colleague's draft and its whole text. Reading changes nothing."""
    drafts = Draft.objects.filter(ticket__in=visible_to(actor), ticket__number=number).select_related("staff")
    draft = drafts.filter(pk=draft_id).first()
    if draft is None:
        raise NotVisible(number)
    return ColleagueDraft(draft.pk, draft.staff.name, draft.mode, draft.updated_at, draft.text[:160]), draft.text


def new_draft(actor: Actor) -> DraftView | None:
    """Of a ticket this person is about to begin."""
    draft = Draft.objects.filter(ticket=None, staff_id=actor.staff_id).first()
    return DraftView(draft.text, draft.version, draft.updated_at, draft.beside) if draft else None


def new_uploads(actor: Actor) -> list[FileView]:
    """Files of a ticket this person is about to begin."""
    found = Upload.objects.filter(ticket=None, staff_id=actor.staff_id).order_by("id")
    return [FileView(str(file.public_id), file.filename, file.content_type, file.size_bytes) for file in found]


def first_letter_of(ticket_id: int, *, by: Actor) -> str:
    """Public id of the letter that began a ticket, while its author may take it back; "" without one."""
    letters = Message.objects.filter(ticket_id=ticket_id, staff_id=by.staff_id, withdrawn_at=None)
    found = letters.filter(leaves_at__isnull=False).order_by("id").values_list("public_id", flat=True).first()
    return str(found or "")


def _time(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["updated_at"])
