"""All about one ticket that a dispute may ask for, as plain values. What the desk said among itself stays out."""

from typing import Any

from assurance.models import CriticalAction, Evidence, View
from events.models import Event
from staff.actor import Actor
from tickets.access import get_ticket_for
from tickets.models import (
    Attachment,
    AutoReply,
    Call,
    ChecklistItem,
    IdentityClaim,
    Message,
    OutboundCopy,
    Participant,
    Promise,
    Ticket,
)

_TICKET = ("number", "public_id", "subject", "door", "kind", "status", "language", "requester_name", "requester_email",
           "level", "level_until", "details", "created_at", "updated_at",
           "erased_at", "erased_act")  # fmt: skip
_MESSAGE = ("id", "public_id", "direction", "author", "held", "level", "reasons", "facts", "sender_email",
            "sender_name", "sender_literal", "recipients", "subject", "text", "quoted_text", "message_id", "raw_id",
            "sent_at", "created_at", "withdrawn_at")  # fmt: skip


def pack_of(actor: Actor, number: str) -> dict[str, Any]:
    """`ticket`, `participants`, `claims`, `messages`, `attachments`, `copies`, `evidence`, `views`, `calls`,
    `critical_actions`, `promises`, `checklist`, `automatic_replies`: lists of rows in their order. Digests are hex. A
    dozen queries. Raises `NotVisible`.
    """
    ticket = get_ticket_for(actor, number)
    of_it = {"ticket": ticket}
    return {
        "ticket": _row(Ticket.objects.filter(pk=ticket.pk).values(*_TICKET)[0]),
        "participants": _rows(Participant.objects.filter(**of_it), "email", "name", "is_requester", "may_reply",
                              "dropped_at",
                              "added_by", "added_at"),
        "claims": _rows(IdentityClaim.objects.filter(**of_it), "kind", "value", "literal"),
        "messages": _rows(Message.objects.filter(**of_it), *_MESSAGE),
        "attachments": _rows(Attachment.objects.filter(message__ticket=ticket), "message_id", "public_id", "filename",
                             "content_type", "size_bytes", "digest"),
        "copies": _rows(OutboundCopy.objects.filter(message__ticket=ticket), "message_id", "email", "mail_id",
                        "status", "code", "finished_at"),
        "evidence": _rows(Evidence.objects.filter(**of_it), "id", "message_id", "kind", "level", "scope",
                          "established_by", "at", "expires_at", "revokes_id", "facts"),
        "views": _rows(View.objects.filter(**of_it), "staff__name", "program__name", "hour", "fields",
                       "reason"),
        "calls": _rows(Call.objects.filter(**of_it), "number", "public_id", "direction", "caller_number",
                       "caller_literal", "number_source", "caller_name", "staff__name", "language", "subject", "words",
                       "started_at", "ended_at", "disposition", "summary", "is_for_customer", "number_sent_at"),
        "critical_actions": _rows(CriticalAction.objects.filter(**of_it), "kind__code", "words", "digest", "state",
                                  "requested_by", "requested_at", "proof", "proof_level", "authorised_by",
                                  "authorised_at", "hold_until", "second_by", "ended_by", "ended_at"),
        "promises": _rows(Promise.objects.filter(**of_it), "public_id", "is_answer", "words", "due_at", "staff__name",
                          "made_at", "message_id", "instead_of_id", "kept_at", "withdrawn_at", "reason", "ended_by"),
        "checklist": _rows(ChecklistItem.objects.filter(message__ticket=ticket), "public_id", "message_id", "place",
                           "kind", "words", "done_at", "done_by", "answer_id"),
        "automatic_replies": _rows(AutoReply.objects.filter(**of_it), "address", "level", "form", "reason", "at"),
    }  # fmt: skip


def journal_of(actor: Actor, number: str) -> list[dict[str, Any]]:
    """Each link of its journal, the taking of this file too where that was recorded. Raises `NotVisible`."""
    links = Event.objects.filter(stream=f"ticket:{get_ticket_for(actor, number).pk}").select_related("payload")
    return [
        _row({
            "stream": e.stream, "sequence": e.sequence, "type": e.type, "at": e.at, "actor": e.actor,
            "payload_digest": e.payload_digest, "digest": e.digest, "payload": _payload(e),
        })
        for e in links.order_by("sequence")
    ]  # fmt: skip


def _payload(event: Event) -> dict[str, Any] | None:
    """None: it was erased by an act that stands further down in the journal."""
    return event.payload.data if hasattr(event, "payload") else None


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    return [_row(row) for row in rows.order_by("id").values(*names)]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: bytes(value).hex() if isinstance(value, memoryview | bytes) else value for name, value in row.items()}
