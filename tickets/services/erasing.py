"""The words of tickets go for good. Numbers, times, states, levels, counters and the links of the journal stay."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from assurance.services import erasing as proofs
from core.named import Named
from events import erasure, outbox
from events.models import Delivery
from tickets.enums import Status
from tickets.event_types import StatusChanged, TicketEvent, WordsErased
from tickets.models import (
    Attachment,
    AutoReply,
    Call,
    ChecklistItem,
    Draft,
    IdentityClaim,
    IdentityMatch,
    Message,
    MessageSecret,
    Note,
    OutboundCopy,
    Participant,
    Promise,
    SideConversation,
    SideLetter,
    Ticket,
    Upload,
)
from tickets.services import promises

ERASED = Concat(Value("erased-"), Cast("pk", TextField()))  # where each must differ from the others
# Events whose payload holds what somebody typed.
WITH_WORDS = ("FieldFilled", "EvidencePacked", "GlassBroken", "TicketKept")
_NOBODY: dict[str, str | None] = {"caller_number": "", "caller_literal": "", "caller_name": "", "contact": None}

# A word that no text holds any more is forgotten. Locked in order, as the chore that counts them up does.
_UNINDEX = """
    WITH gone AS (
        DELETE FROM tickets_searchentry WHERE message_id = ANY(%(messages)s) OR note_id = ANY(%(notes)s)
        RETURNING words
    ), counted AS (
        SELECT word, count(*) AS texts FROM gone, unnest('{""}' || tsvector_to_array(words)) AS word GROUP BY word
    ), held AS (
        SELECT kept.word, counted.texts FROM tickets_searchword kept JOIN counted USING (word)
         ORDER BY kept.word FOR UPDATE OF kept
    )
    UPDATE tickets_searchword kept SET texts = kept.texts - held.texts FROM held WHERE kept.word = held.word
    RETURNING kept.word, kept.texts"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The tickets somebody asked, by his addresses or as a contact on file, and what hangs on them."""

    ids: tuple[int, ...]
    numbers: tuple[str, ...]
    unfinished: tuple[str, ...]  # numbers of those that are not closed
    kept: tuple[str, ...]  # and of those that somebody keeps
    messages: int
    notes: int
    files: int


@dataclass(frozen=True, slots=True)
class Gone:
    """What the caller still has to take away: mail by the id of its raw bytes, and files by their digest."""

    raw_ids: frozenset[str]
    digests: frozenset[str]


def asked_by(person: Named, contact_ids: Collection[int], *, lock: bool = False) -> Asked:
    """Those that were not erased before. Where nobody left an address the telephone number is his."""
    called = IdentityClaim.objects.filter(kind="phone", value__in=person.phones, ticket__requester_email="")
    mine = Q(requester_email__in=person.emails) | Q(contact__in=contact_ids)
    mine |= Q(pk__in=list(called.values_list("ticket_id", flat=True)))
    found = Ticket.objects.filter(mine, erased_at=None).order_by("pk")
    rows = (found.select_for_update() if lock else found).only("number", "status", "is_spam", "keep_reason")
    return asked_in(list(rows))


def asked_in(rows: Collection[Ticket]) -> Asked:
    ids = tuple(row.pk for row in rows)
    return Asked(
        ids=ids,
        numbers=tuple(row.number for row in rows),
        unfinished=tuple(row.number for row in rows if row.status != Status.CLOSED.value and not row.is_spam),
        kept=tuple(row.number for row in rows if row.keep_reason),
        messages=Message.objects.filter(ticket__in=ids).count(),
        notes=Note.objects.filter(ticket__in=ids).count(),
        files=_files(ids).count(),
    )


def calls_of(contact_ids: Collection[int], phones: Collection[str]) -> QuerySet[Call]:
    """Of a contact on file, or from a number of his."""
    return Call.objects.filter(Q(contact__in=contact_ids) | Q(caller_number__in=phones))


def calls_alone(before: datetime) -> QuerySet[Call]:
    """In no ticket, ended before that moment."""
    return Call.objects.filter(ticket=None, erased_at=None, ended_at__lt=before).order_by("ended_at", "id")


def erase_old_calls(before: datetime, at_most: int, *, now: datetime) -> int:
    """How many. In the caller's transaction; one that somebody holds at this moment waits."""
    found = calls_alone(before).select_for_update(of=("self",), skip_locked=True)
    ids = list(found.values_list("pk", flat=True)[:at_most])
    _blank_calls(Call.objects.filter(pk__in=ids), now=now)
    return len(ids)


def erase_calls(contact_ids: Collection[int], phones: Collection[str], *, now: datetime) -> None:
    """In tickets of others only who called. In the caller's transaction, once the words of his own tickets are gone."""
    his = calls_of(contact_ids, phones)
    _blank_calls(his.filter(ticket=None), now=now)
    his.update(**_NOBODY)


def _blank_calls(calls: QuerySet[Call], *, now: datetime) -> None:
    calls.update(subject="", words="", summary="", erased_at=now, **_NOBODY)


def erase_words(ids: Collection[int], *, act: int, by: str, now: datetime) -> Gone:
    """In the caller's transaction, which has locked these tickets. They are closed from then on."""
    before = dict(Ticket.objects.filter(pk__in=ids).values_list("pk", "status"))
    messages = Message.objects.filter(ticket__in=ids)
    notes = Note.objects.filter(ticket__in=ids)
    letters = SideLetter.objects.filter(conversation__ticket__in=ids)
    uploads = Upload.objects.filter(ticket__in=ids)
    raw_ids = {*messages.values_list("raw_id", flat=True), *letters.values_list("raw_id", flat=True)}
    digests = {*_files(ids).values_list("digest", flat=True), *uploads.values_list("digest", flat=True)}

    unindex(messages, notes)
    for rows in (
        _files(ids),
        uploads,
        Draft.objects.filter(ticket__in=ids),
        MessageSecret.objects.filter(message__ticket__in=ids),
        IdentityClaim.objects.filter(ticket__in=ids),
    ):
        rows.delete()
    blank(messages, letters)
    notes.update(text="", mentions=[])
    _blank_calls(Call.objects.filter(ticket__in=ids), now=now)
    ChecklistItem.objects.filter(message__ticket__in=ids).update(words="")
    Promise.objects.filter(ticket__in=ids).update(words="", reason="")
    owed = promises.unkeepable(ids, by=by, now=now)
    SideConversation.objects.filter(ticket__in=ids).update(email=ERASED, name="")
    OutboundCopy.objects.filter(message__ticket__in=ids).update(email=ERASED, name="", detail="")
    Participant.objects.filter(ticket__in=ids).update(email=ERASED, name="", may_reply=False, dropped_at=now)
    AutoReply.objects.filter(ticket__in=ids).update(address=ERASED, domain="erased")
    IdentityMatch.objects.filter(ticket__in=ids).update(claims=[])
    proofs.erase_facts(ids)
    Ticket.objects.filter(pk__in=ids).update(
        subject="",
        preview="",
        requester_name="",
        requester_email=ERASED,
        details=[],
        field_values={},
        status=Status.CLOSED.value,
        is_unread=False,
        held_count=0,
        promised_at=None,
        erased_at=now,
        erased_act=act,
        version=F("version") + 1,
    )
    for ticket_id, status in sorted(before.items()):
        told: list[TicketEvent] = [WordsErased(ticket_id=ticket_id, act=act), *owed.get(ticket_id, ())]
        if status != Status.CLOSED.value:
            told.append(StatusChanged(ticket_id=ticket_id, before=status, after=Status.CLOSED.value))
        stream = told[0].stream
        Delivery.objects.filter(event__stream=stream).update(last_error="")  # servers repeat addresses there
        erasure.erase(stream, types=WITH_WORDS, reason="privacy", by=by, now=now)
        outbox.record(*told, by=by, now=now)
    return Gone(frozenset(filter(None, raw_ids)), frozenset(digests))


def _files(ids: Collection[int]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(
        Q(message__ticket__in=ids) | Q(note__ticket__in=ids) | Q(side_letter__conversation__ticket__in=ids)
    )


def blank(messages: QuerySet[Message], letters: QuerySet[SideLetter]) -> None:
    messages.update(
        sender_email="",
        sender_name="",
        sender_literal="",
        recipients={},
        subject="",
        text="",
        quoted_text="",
        html="",
        facts=[],
        message_id=ERASED,
        references=[],
        undo=None,
    )
    letters.update(
        sender_email="",
        sender_name="",
        subject="",
        text="",
        quoted_text="",
        message_id=ERASED,
        references=[],
        detail="",
        undo=None,
    )


def unindex(messages: QuerySet[Message], notes: QuerySet[Note]) -> None:
    ids = {
        "messages": list(messages.values_list("pk", flat=True)),
        "notes": list(notes.values_list("pk", flat=True)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNINDEX, ids)
        over = [word for word, texts in cursor.fetchall() if word and texts <= 0]
        cursor.execute("DELETE FROM tickets_searchword WHERE word = ANY(%s)", [over])
