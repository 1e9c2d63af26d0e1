"""Answers to those who take part: queued at once, gone after a moment in which their author may take them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from events import outbox
from staff.actor import Actor
from staff.models import StaffProfile
from tickets.access import get_ticket_to_work, part_of
from tickets.contracts import Address, Nature
from tickets.enums import Author, Direction, Status
from tickets.event_types import (
    PromiseKept,
    RecipientAdded,
    ReplyQueued,
    ReplyWithdrawn,
    ReplyWritten,
    StatusChanged,
    TicketEvent,
)
from tickets.models import Message, OutboundCopy, Participant, Ticket
from tickets.policies import lifecycle
from tickets.policies.concern import Why, concerned
from tickets.policies.participation import PartRight, rights
from tickets.services import checklists, clocks, drafts, letters, participants, promises, signatures
from tickets.services.disclosure import stop_in_reply
from tickets.services.drafts import NO_BASIS, Basis, Writing
from tickets.services.intake import touch
from tickets.services.promises import Promised
from tickets.services.refused import Refused
from tickets.services.uploads import give_back, is_uuid, staff_id_of, take_uploads

UNDO = timedelta(seconds=15)
MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom and from where, as far as the form said; all of it has been read and judged by the edge."""

    to: Collection[int] | None = None  # ids of participants; None: everybody who takes part
    cc: Sequence[Address] = ()  # people who get copies from now on
    answers: str = ""  # public id of the message this one answers; "": the newest
    sender: str = ""  # one of our addresses; "": the ticket's own


TO_ALL = Envelope()


class WroteMeanwhile(Refused):
    """Something came that the author has not seen. The page shows it and asks once."""

    def __init__(self, since: int) -> None:
        super().__init__("wrote_meanwhile")
        self.since = since


@transaction.atomic
def reply(
    ticket_number: str,
    *,
    by: Actor,
    text: str,
    upload_ids: Sequence[str] = (),
    envelope: Envelope = TO_ALL,
    promised: Promised | None = None,
    keeps: Collection[str] = (),
    asks: str = "",
    basis: Basis = NO_BASIS,
    now: datetime,
) -> Message:
    """Queues the answer; the page returns at once, a worker sends after `UNDO`.

    It keeps the promises named in `keeps` by their public ids, and no other.

    Raises `WroteMeanwhile` when somebody else has written after the last message that the author's page showed.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    words = text.strip()
    if not words:
        raise Refused("empty_text")
    if Status(ticket.status) is Status.CLOSED:
        raise Refused("closed")
    if basis.seen is not None and _written_since(ticket, basis.seen, by).exists():
        raise WroteMeanwhile(basis.seen)
    if promised is not None:
        promises.check(ticket, promised, now=now)
    items = checklists.read(asks)
    told = "\n\n".join(
        [
            words,
            *([promises.line(promised, ticket.language)] if promised else []),
            *([checklists.block(items, ticket)] if items else []),
        ]
    )
    people, added = _recipients(ticket, envelope, by, now=now)
    answers = _answered(ticket, envelope.answers)
    stop_in_reply(ticket, told, people=people, answers=answers, now=now)
    takes_part = any(person.may_reply for person in people)
    staff = StaffProfile.objects.get(pk=staff_id_of(by))
    signature = signatures.of(staff, ticket)
    message, copies = letters.composed(
        ticket,
        author=Author.AGENT,
        staff_id=staff.pk,
        sender_name=staff.public_name or staff.name,
        sender_email=envelope.sender,
        subject=f"Re: {letters.tagged(ticket, ticket.subject)}",
        text=f"{told}\n\n-- \n{signature}\n",
        recipients=[letters.Recipient(p.email, p.name, p, is_copied=not p.may_reply and takes_part) for p in people],
        answers=answers,
        now=now,
    )
    before = ticket.status
    ticket.status = (lifecycle.after_we_asked if items else lifecycle.after_we_replied)(Status(before)).value
    message.leaves_at = now + UNDO
    owed = promises.open_ids(ticket)
    kept = promises.kept_with_reply(ticket, keeps, by=by, now=now)
    message.undo = {
        "letters": len(words),
        "kept": kept,
        "status": [before, ticket.status],
        "was_nobodys": ticket.assignee_id is None,
        "was_unread": ticket.is_unread,
        "added": [person.pk for person in added],
        "beside": {
            "to": None if envelope.to is None else sorted(envelope.to),
            "cc": ", ".join(address.email for address in envelope.cc),
            "answers": envelope.answers,
            "sender": envelope.sender,
            "promise_at": promised.typed if promised else "",
            "promise": promised.words if promised else "",
            "owed": owed,
            "keeps": [*keeps],
            "asks": asks,
        },
    }
    letters.save(message, copies, attachments=take_uploads(ticket, by, upload_ids))
    made = [promises.add(ticket, promised, by=by, now=now, message=message)[1]] if promised else []
    tells = concerned((Why.REPLIED, [ticket.assignee_id]), (Why.FOLLOWED_REPLIED, ticket.followers), by=by.staff_id)
    if ticket.assignee_id is None:
        ticket.assignee_id = by.staff_id
    ticket.is_unread = False
    clocks.we_answered(ticket, now=now)
    if kept or made:
        promises.settle(ticket)
    drafts.sent(ticket, by, mode="reply", basis=basis)
    touch(ticket, now=now)
    outbox.record(
        *(RecipientAdded(ticket_id=ticket.pk, participant_id=person.pk) for person in added),
        ReplyQueued(
            ticket_id=ticket.pk,
            message_id=message.pk,
            copy_ids=tuple(copy.pk for copy in copies),
            waits_seconds=int(UNDO.total_seconds()),
        ),
        *_written(message, tells),
        *(PromiseKept(ticket_id=ticket.pk, promise_id=pk, message_id=message.pk) for pk in kept),
        *made,
        *checklists.add(message, items),
        by=by.key,
        now=now,
    )
    return message


def _written(message: Message, tells: dict[str, str] | None) -> list[ReplyWritten]:
    """Nothing for the journal where it concerns nobody: `ReplyQueued` says the same."""
    if not tells:
        return []
    return [
        ReplyWritten(
            ticket_id=message.ticket_id,
            message_id=message.pk,
            tells=tells,
            waits_seconds=int(UNDO.total_seconds()),
        )
    ]


def is_withdrawn(message_id: int) -> bool:
    return Message.objects.filter(pk=message_id).exclude(withdrawn_at=None).exists()


def _written_since(ticket: Ticket, seen: int, by: Actor) -> QuerySet[Message]:
    by_a_person = Q(direction=Direction.INBOUND.value, nature=Nature.PERSON.value, held__in=("", "accepted"))
    by_a_colleague = Q(author=Author.AGENT.value, withdrawn_at=None) & ~Q(staff_id=by.staff_id)
    return Message.objects.filter(by_a_person | by_a_colleague, ticket=ticket, pk__gt=seen)


def _recipients(
    ticket: Ticket, envelope: Envelope, by: Actor, *, now: datetime
) -> tuple[list[Participant], list[Participant]]:
    """Who gets the letter, and who of them is new here.

    Whoever is added gets copies and no history; what he writes is held until somebody accepts it (assurance.md rule 2).
    """
    ever = [p for p in Participant.objects.filter(ticket=ticket).order_by("-is_requester", "id") if p.email]
    known = {person.email: person for person in ever}
    people = [p for p in ever if PartRight.SEE in rights(part_of(p)) and (envelope.to is None or p.pk in envelope.to)]
    added = []
    for address in envelope.cc:
        person = known.get(address.email)
        if person is None or person.dropped_at is not None:  # typed again by whoever knows better
            person = participants.take_in(ticket, address, may_reply=False, by=by.key, now=now)
            known[address.email] = person
            added.append(person)
        if person not in people:
            people.append(person)
    if not people:
        raise Refused("no_recipient")
    if len(people) > MOST_RECIPIENTS:
        raise Refused("too_many_recipients")
    return people, added


def _answered(ticket: Ticket, public_id: str) -> Message | None:
    theirs = Message.objects.filter(ticket=ticket, withdrawn_at=None).exclude(author=Author.SYSTEM.value)
    if is_uuid(public_id) and (named := theirs.filter(public_id=public_id).first()):
        return named
    return theirs.filter(direction="in", held__in=("", "accepted")).order_by("-id").first()


@transaction.atomic
def withdraw(ticket_number: str, *, message_public_id: str, by: Actor, now: datetime) -> None:
    """Its author takes the reply back into the composer, as long as no worker has taken a copy of it.

    What the reply changed at the ticket is put back, unless somebody has changed it since.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    theirs = Message.objects.filter(ticket=ticket, staff_id=by.staff_id, leaves_at__isnull=False, withdrawn_at=None)
    message = theirs.filter(public_id=message_public_id).first() if is_uuid(message_public_id) else None
    if message is None or message.undo is None:
        raise Refused("already_left")
    checklists.untold(message)
    copies = OutboundCopy.objects.filter(message=message)
    keys = [str(pk) for pk in copies.values_list("pk", flat=True)]
    if outbox.take_back(ReplyQueued, keys, now=now) != len(keys):
        raise Refused("already_left")
    copies.update(status="withdrawn", finished_at=now)
    message.withdrawn_at = now
    message.save(update_fields=["withdrawn_at"])
    before = message.undo
    promises.untold(message, before.get("kept", []))
    status = Status(ticket.status)
    is_owed_again = status.is_done and promises.open_ones(ticket).exists()  # it was closed because the reply kept it
    if is_owed_again or status == before["status"][1]:
        ticket.status = before["status"][0]
    if before["was_nobodys"] and ticket.assignee_id == by.staff_id:
        ticket.assignee_id = None
    ticket.is_unread = ticket.is_unread or before["was_unread"]
    clocks.answer_taken_back(ticket, answered_at=message.created_at, now=now)
    promises.settle(ticket)
    _forget_added(before["added"], copies)
    drafts.put_back(
        ticket, by, mode="reply", writing=Writing(message.text[: before["letters"]], before["beside"]), now=now
    )
    give_back(message.attachments.order_by("id"), ticket, by, now=now)
    touch(ticket, now=now)
    events: list[TicketEvent] = [ReplyWithdrawn(ticket_id=ticket.pk, message_id=message.pk)]
    if is_owed_again:
        events.append(StatusChanged(ticket_id=ticket.pk, before=status.value, after=ticket.status))
    outbox.record(*events, by=by.key, now=now)


def _forget_added(added: list[int], copies: QuerySet[OutboundCopy]) -> None:
    """Who was to get his first copy takes no part after all, unless another letter has gone to him since."""
    copies.filter(participant_id__in=added).update(participant=None)
    written_to = OutboundCopy.objects.filter(participant_id__in=added).values("participant_id")
    Participant.objects.filter(pk__in=added, may_reply=False).exclude(pk__in=written_to).delete()
