"""Answers to everybody who takes part: queued at once, gone after a moment in which their author may take them back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.models import StaffProfile
from tickets.access import get_ticket_to_work
from tickets.enums import Author, Status
from tickets.event_types import ReplyQueued, ReplyWithdrawn
from tickets.models import Draft, Message, OutboundCopy, Participant
from tickets.policies import lifecycle
from tickets.services import clocks, letters
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import give_back, is_uuid, staff_id_of, take_uploads

UNDO = timedelta(seconds=15)


@transaction.atomic
def reply(ticket_number: str, *, by: Actor, text: str, upload_ids: Sequence[str] = (), now: datetime) -> Message:
    """Queues the answer to everybody who takes part; the page returns at once, a worker sends after `UNDO`."""
    ticket = get_ticket_to_work(by, ticket_number)
    if not text.strip():
        raise Refused("empty_text")
    if Status(ticket.status) is Status.CLOSED:
        raise Refused("closed")
    people = [p for p in Participant.objects.filter(ticket=ticket).order_by("-is_requester", "id") if p.email]
    if not people:
        raise Refused("no_recipient")
    staff = StaffProfile.objects.get(pk=staff_id_of(by))
    last = Message.objects.filter(ticket=ticket, direction="in", held__in=("", "accepted")).order_by("-id").first()
    name, words = staff.public_name or staff.name, text.strip()
    message, copies = letters.composed(
        ticket,
        author=Author.AGENT,
        staff_id=staff.pk,
        sender_name=name,
        subject=f"Re: {letters.tagged(ticket, ticket.subject)}",
        text=f"{words}\n\n-- \n{name}\n",
        recipients=[letters.Recipient(person.email, person.name, person) for person in people],
        answers=last,
        now=now,
    )
    before = ticket.status
    ticket.status = lifecycle.after_we_replied(Status(before)).value
    message.leaves_at = now + UNDO
    message.undo = {
        "letters": len(words),
        "status": [before, ticket.status],
        "was_nobodys": ticket.assignee_id is None,
        "was_unread": ticket.is_unread,
    }
    letters.save(message, copies, attachments=take_uploads(ticket, by, upload_ids))
    if ticket.assignee_id is None:
        ticket.assignee_id = by.staff_id
    ticket.is_unread = False
    clocks.we_answered(ticket, now=now)
    Draft.objects.filter(ticket=ticket, staff_id=by.staff_id, mode="reply").delete()
    touch(ticket, now=now)
    outbox.record(
        ReplyQueued(
            ticket_id=ticket.pk,
            message_id=message.pk,
            copy_ids=tuple(copy.pk for copy in copies),
            waits_seconds=int(UNDO.total_seconds()),
        ),
        by=by.key,
        now=now,
    )
    return message


@transaction.atomic
def withdraw(ticket_number: str, *, message_public_id: str, by: Actor, now: datetime) -> None:
    """Its author takes the reply back into the composer, as long as no worker has taken a copy of it.

    What the reply changed at the ticket is put back, unless somebody has changed it since.
    """
    ticket = get_ticket_to_work(by, ticket_number)
    named = {"public_id": message_public_id} if is_uuid(message_public_id) else {"pk": None}
    message = Message.objects.filter(
        ticket=ticket, staff_id=by.staff_id, leaves_at__isnull=False, withdrawn_at=None, **named
    ).first()
    if message is None:
        raise Refused("already_left")
    copies = OutboundCopy.objects.filter(message=message)
    keys = [str(pk) for pk in copies.values_list("pk", flat=True)]
    if outbox.take_back(ReplyQueued, keys, now=now) != len(keys):
        raise Refused("already_left")
    copies.update(status="withdrawn", finished_at=now)
    message.withdrawn_at = now
    message.save(update_fields=["withdrawn_at"])
    before = message.undo or {}
    if ticket.status == before["status"][1]:
        ticket.status = before["status"][0]
    if before["was_nobodys"] and ticket.assignee_id == by.staff_id:
        ticket.assignee_id = None
    ticket.is_unread = ticket.is_unread or before["was_unread"]
    clocks.answer_taken_back(ticket, answered_at=message.created_at, now=now)
    _back_into_the_composer(message, by, now=now)
    touch(ticket, now=now)
    outbox.record(ReplyWithdrawn(ticket_id=ticket.pk, message_id=message.pk), by=by.key, now=now)


def _back_into_the_composer(message: Message, by: Actor, *, now: datetime) -> None:
    """Above whatever was begun since, so that neither is lost."""
    draft, _ = Draft.objects.select_for_update().get_or_create(
        ticket_id=message.ticket_id, staff_id=staff_id_of(by), mode="reply", defaults={"updated_at": now}
    )
    begun_since = draft.text.strip()
    draft.text = message.text[: (message.undo or {})["letters"]] + (f"\n\n{begun_since}" if begun_since else "")
    draft.version, draft.updated_at = draft.version + 1, now
    draft.save()
    give_back(message, by, now=now)
