"""What somebody wrote in tickets that others asked goes, and his name in what others wrote there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from assurance.services import erasing as proofs
from core import redaction
from core.named import Named
from events import erasure, outbox
from tickets.event_types import WordsRedacted
from tickets.models import (
    Attachment,
    AutoReply,
    Call,
    ChecklistItem,
    Draft,
    IdentityClaim,
    Message,
    MessageSecret,
    Note,
    OutboundCopy,
    Participant,
    Promise,
    SavedView,
    SenderRule,
    SideConversation,
    SideLetter,
    Ticket,
    ToIndex,
)
from tickets.services.erasing import ERASED, WITH_WORDS, Gone, blank, unindex

# Where others may have named him, in tickets he took part in. Files of others stay: nobody can read them.
_WORDS: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Message, "ticket__in", ("subject", "text", "recipients", "facts", "sender_name", "sender_literal")),
    (Note, "ticket__in", ("text",)),
    (SideLetter, "conversation__ticket__in", ("subject", "text", "quoted_text", "sender_name", "detail")),
    (Ticket, "pk__in", ("subject", "preview", "details", "field_values", "keep_reason")),
    (IdentityClaim, "ticket__in", ("value", "literal")),
    (OutboundCopy, "message__ticket__in", ("detail",)),
    (Call, "ticket__in", ("subject", "words", "summary", "caller_name")),
    (Promise, "ticket__in", ("words", "reason")),
    (ChecklistItem, "message__ticket__in", ("words",)),
    (Draft, "ticket__in", ("text", "beside")),
    (Attachment, "message__ticket__in", ("filename",)),
    (Attachment, "note__ticket__in", ("filename",)),
)


@dataclass(frozen=True, slots=True)
class TookPart:
    """Tickets of others that somebody took part in, and what he wrote there."""

    ids: tuple[int, ...]
    kept: tuple[str, ...]  # numbers of those that somebody keeps
    messages: int


def took_part(person: Named, *, but: Collection[int], lock: bool = False) -> TookPart:
    emails = person.emails
    found = {
        *Call.objects.filter(caller_number__in=person.phones, ticket__isnull=False).values_list("ticket_id", flat=True),
        *Message.objects.filter(_from(emails)).values_list("ticket_id", flat=True),
        *Participant.objects.filter(email__in=emails, is_requester=False).values_list("ticket_id", flat=True),
        *AutoReply.objects.filter(address__in=emails).values_list("ticket_id", flat=True),
        *SideConversation.objects.filter(email__in=emails).values_list("ticket_id", flat=True),
        *SideLetter.objects.filter(sender_email__in=emails).values_list("conversation__ticket_id", flat=True),
    }
    tickets = Ticket.objects.filter(pk__in=found - set(but), erased_at=None).order_by("pk")
    rows = list((tickets.select_for_update() if lock else tickets).only("number", "keep_reason"))
    ids = tuple(row.pk for row in rows)
    return TookPart(
        ids=ids,
        kept=tuple(row.number for row in rows if row.keep_reason),
        messages=Message.objects.filter(_from(emails), ticket__in=ids).count(),
    )


def names_in(emails: Collection[str], ids: Collection[int]) -> set[str]:
    """As he called himself, and as others called him beside his address."""
    return {
        *Ticket.objects.filter(pk__in=ids, requester_email__in=emails).values_list("requester_name", flat=True),
        *Message.objects.filter(_from(emails), ticket__in=ids).values_list("sender_name", flat=True),
        *Participant.objects.filter(email__in=emails, ticket__in=ids).values_list("name", flat=True),
        *SideConversation.objects.filter(email__in=emails, ticket__in=ids).values_list("name", flat=True),
    }


def redact(ids: Collection[int], person: Named, *, act: int, by: str, now: datetime) -> Gone:
    """In the caller's transaction, which has locked these tickets. Mail that may name or quote him goes as it came."""
    emails = person.emails
    his = Message.objects.filter(_from(emails), ticket__in=ids)
    aside = SideLetter.objects.filter(
        Q(sender_email__in=emails) | Q(conversation__email__in=emails), conversation__ticket__in=ids
    )
    first = {"ticket__in": ids, "direction": "in"}
    raw_ids = {
        *Message.objects.filter(**first).values_list("raw_id", flat=True),
        *aside.values_list("raw_id", flat=True),
    }
    pks, aside_pks = list(his.values_list("pk", flat=True)), list(aside.values_list("pk", flat=True))
    files = Attachment.objects.filter(Q(message__in=pks) | Q(side_letter__in=aside_pks))
    digests = set(files.values_list("digest", flat=True))
    files.delete()
    MessageSecret.objects.filter(message__in=pks).delete()
    proofs.erase_facts_of(pks)
    touched = [*_naming(Message.objects.filter(ticket__in=ids), person, ("subject", "text")), *pks]
    noted = _naming(Note.objects.filter(ticket__in=ids), person, ("text",))
    unindex(Message.objects.filter(pk__in=touched), Note.objects.filter(pk__in=noted))
    blank(Message.objects.filter(pk__in=pks), SideLetter.objects.filter(pk__in=aside_pks))
    # Whoever answered quoted him, and HTML repeats the words with the quote.
    Message.objects.filter(ticket__in=ids).update(quoted_text="", html="")
    Note.objects.filter(pk__in=noted).update(mentions=[])
    for model, where, fields in _WORDS:
        for field in fields:
            redaction.replace(model._default_manager.filter(**{where: ids}), field, person)
    _erase_addresses(emails, ids, now=now)
    ToIndex.objects.bulk_create(
        [*(ToIndex(message_id=pk) for pk in sorted(set(touched))), *(ToIndex(note_id=pk) for pk in noted)]
    )
    Ticket.objects.filter(pk__in=ids).update(version=F("version") + 1)
    for ticket_id in ids:
        told = WordsRedacted(ticket_id=ticket_id, act=act)
        erasure.erase(told.stream, types=WITH_WORDS, reason="privacy", by=by, now=now, holding=person.pattern)
        outbox.record(told, by=by, now=now)
    return Gone(frozenset(filter(None, raw_ids)), frozenset(digests))


def forget_lists(person: Named) -> None:
    """What the desk wrote down about him beside tickets. A rule about senders that is in force stays."""
    emails = person.emails
    IdentityClaim.objects.filter(value__in=[*emails, *person.phones]).delete()
    SenderRule.objects.filter(value__in=emails).exclude(removed_at=None).update(value=ERASED, reason="")
    for model, field in ((SavedView, "query"), (SavedView, "name"), (Draft, "text"), (Draft, "beside")):
        rows = model._default_manager.filter(ticket=None) if model is Draft else model._default_manager.all()
        redaction.replace(rows, field, person)


def _naming(rows: QuerySet[Any], person: Named, fields: tuple[str, ...]) -> list[int]:
    holds = Q()
    for field in fields:
        holds |= Q(**{f"{field}__iregex": person.pattern})
    return list(rows.filter(holds).values_list("pk", flat=True))


def _erase_addresses(emails: Collection[str], ids: Collection[int], *, now: datetime) -> None:
    SideConversation.objects.filter(ticket__in=ids, email__in=emails).update(email=ERASED, name="")
    OutboundCopy.objects.filter(message__ticket__in=ids, email__in=emails).update(email=ERASED, name="", detail="")
    Participant.objects.filter(ticket__in=ids, email__in=emails).update(
        email=ERASED, name="", contact=None, may_reply=False, dropped_at=now
    )
    AutoReply.objects.filter(ticket__in=ids, address__in=emails).update(address=ERASED, domain="erased")


def _from(emails: Collection[str]) -> Q:
    return Q(sender_email__in=emails, direction="in")
