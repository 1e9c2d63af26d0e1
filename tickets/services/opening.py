"""A ticket that somebody of the desk begins: with a first letter, or with a note alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.trust import Level
from customers.queries import Reachable, reachable
from events import outbox
from staff.actor import Actor
from staff.models import StaffProfile
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_for, visible_to
from tickets.contracts import Address
from tickets.enums import Author, Kind, Metric, Status
from tickets.event_types import ReplyQueued
from tickets.models import Attachment, IdentityMatch, Note, Participant, Queue, Ticket
from tickets.queries.queues import queues_of
from tickets.services import clocks, drafts, letters, notes, numbering, signatures
from tickets.services.disclosure import stop_in_reply
from tickets.services.drafts import NO_BASIS, Basis
from tickets.services.opened import opened_event
from tickets.services.refused import Refused
from tickets.services.replies import UNDO
from tickets.services.uploads import staff_id_of, take_uploads

DOOR = "desk"


@dataclass(frozen=True, slots=True)
class Opening:
    """What the form said. `request_id` was hidden in it: sending it twice opens one ticket."""

    request_id: UUID
    to: Address | None  # None: somebody without an address, for a note alone
    person: Reachable | None  # chosen from those on file
    queue: str
    kind: Kind
    subject: str
    text: str
    language: str
    our_address: str
    with_letter: bool
    upload_ids: Sequence[str] = ()
    basis: Basis = NO_BASIS  # of the draft it was
    door: str = DOOR
    account_id: int | None = None  # chosen by the agent, where no `person` says it
    contact_id: int | None = None


def begin(opening: Opening, *, by: Actor, now: datetime) -> Ticket:
    """The ticket, new or the one that this form opened before. Nothing is proven by it: its level is `claimed`."""
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible("only those who work tickets begin them")
    try:
        with transaction.atomic():
            return _begin(opening, by=by, now=now)
    except IntegrityError:  # the same form came twice at the same moment
        return _opened_before(opening, by) or _impossible()


def _impossible() -> Ticket:
    raise NotVisible("the form belongs to a ticket of somebody else")


def _opened_before(opening: Opening, by: Actor) -> Ticket | None:
    number = visible_to(by).filter(public_id=opening.request_id, door=DOOR).values_list("number", flat=True).first()
    return get_ticket_for(by, number) if number else None


def _begin(opening: Opening, *, by: Actor, now: datetime) -> Ticket:
    if before := _opened_before(opening, by):
        take_uploads(None, by, opening.upload_ids)  # they came twice, too
        return before
    subject, words = _checked(opening, by)
    ticket, requester = _ticket(opening, subject, words, by, now=now)
    drafts.sent(None, by, mode=drafts.NEW, basis=opening.basis)
    if not opening.with_letter:
        _note(opening, ticket, words, by=by, now=now)
        return ticket
    _letter(opening, ticket, requester, subject, words, by=by, now=now)
    return ticket


def begin_with_note(opening: Opening, *, by: Actor, now: datetime) -> tuple[Ticket, Note]:
    """In a transaction of the caller's, who sees to it that it happens once."""
    subject, words = _checked(opening, by)
    ticket, _requester = _ticket(opening, subject, words, by, now=now)
    return ticket, _note(opening, ticket, words, by=by, now=now)


def _checked(opening: Opening, by: Actor) -> tuple[str, str]:
    """Subject and text, once nothing stands against beginning."""
    subject, words = " ".join(opening.subject.split()), opening.text.strip()
    if not subject:
        raise Refused("no_subject")
    if not words:
        raise Refused("empty_text")
    if opening.with_letter and opening.to is None:
        raise Refused("no_recipient")
    if opening.with_letter and not opening.our_address:
        raise Refused("no_sender")
    if not queues_of(by).filter(slug=opening.queue).exists():
        raise Refused("no_such_queue")
    return subject, words


def _note(opening: Opening, ticket: Ticket, words: str, *, by: Actor, now: datetime) -> Note:
    note, noted = notes.write(ticket, words, by=by, now=now)
    files = take_uploads(None, by, opening.upload_ids)
    for file in files:
        file.note = note
    Attachment.objects.bulk_create(files)
    outbox.record(opened_event(ticket), noted, by=by.key, now=now)
    return note


def _letter(
    opening: Opening,
    ticket: Ticket,
    requester: Participant,
    subject: str,
    words: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    staff = StaffProfile.objects.get(pk=staff_id_of(by))
    stop_in_reply(ticket, f"{subject}\n{words}", people=[requester], answers=None, now=now)
    message, copies = letters.composed(
        ticket,
        author=Author.AGENT,
        staff_id=staff.pk,
        sender_name=staff.public_name or staff.name,
        subject=letters.tagged(ticket, subject),
        text=f"{words}\n\n-- \n{signatures.of(staff, ticket)}\n",
        recipients=[letters.Recipient(requester.email, requester.name, requester)],
        answers=None,
        now=now,
    )
    message.leaves_at = now + UNDO
    message.undo = {
        "letters": len(words),
        "status": [ticket.status, ticket.status],
        "was_nobodys": False,
        "was_unread": False,
        "added": [],
        "beside": {},
    }
    letters.save(message, copies, attachments=take_uploads(None, by, opening.upload_ids))
    queued = ReplyQueued(
        ticket_id=ticket.pk,
        message_id=message.pk,
        copy_ids=tuple(copy.pk for copy in copies),
        waits_seconds=int(UNDO.total_seconds()),
    )
    outbox.record(opened_event(ticket), queued, by=by.key, now=now)


def _ticket(opening: Opening, subject: str, words: str, by: Actor, *, now: datetime) -> tuple[Ticket, Participant]:
    """A typed address that several on file share is nobody's until somebody chooses (decisions: never merged)."""
    person, email = opening.person, opening.to.email if opening.to else ""
    on_file = [person] if person else reachable(email) if email else []
    chosen = on_file[0] if len(on_file) == 1 and opening.account_id is None else None
    queue = Queue.objects.select_related("team").get(slug=opening.queue)
    ticket = Ticket(
        public_id=opening.request_id,
        number=numbering.issue(1, now=now)[0],
        subject=subject[:500],
        preview=" ".join(words[:400].split())[:160],
        door=opening.door,
        channel="",
        our_address=opening.our_address,
        language=opening.language,
        kind=opening.kind.value,
        status=Status.OPEN.value,
        queue=queue,
        team=queue.team,
        assignee_id=by.staff_id,
        requester_name=(opening.to.name if opening.to else "") or (chosen.name if chosen else ""),
        requester_email=email,
        contact_id=chosen.contact_id if chosen else opening.contact_id,
        account_id=chosen.account_id if chosen else opening.account_id,
        level=int(Level.CLAIMED),
        is_unread=False,
        created_at=now,
        updated_at=now,
    )
    clock = None if opening.with_letter else clocks.begun(ticket, Metric.FIRST_RESPONSE, now=now)
    ticket.save(force_insert=True)
    for row in clock or ():
        row.save()
    requester = Participant.objects.create(
        ticket=ticket, email=email, name=ticket.requester_name, is_requester=True, added_by=by.key, added_at=now
    )
    IdentityMatch.objects.bulk_create(
        IdentityMatch(ticket=ticket, account_id=account, certainty="exact", claims=["email"])
        for account in dict.fromkeys(each.account_id for each in on_file)
    )
    return ticket, requester
