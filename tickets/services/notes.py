"""What only the desk sees; who is named in it with an @ is told."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from events import outbox
from staff.actor import Actor
from staff.queries import colleagues
from tickets.access import get_ticket_to_work
from tickets.enums import Kind
from tickets.event_types import NoteAdded
from tickets.models import Attachment, Note, Ticket
from tickets.policies.concern import Why, concerned
from tickets.policies.mentions import handles, mentions
from tickets.policies.visibility import may_see
from tickets.services import drafts, following
from tickets.services.drafts import NO_BASIS, Basis
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import staff_id_of, take_uploads


@transaction.atomic
def add_note(
    ticket_number: str, *, by: Actor, text: str, upload_ids: Sequence[str] = (), basis: Basis = NO_BASIS, now: datetime
) -> Note:
    """Its `mentions` say who was named and not told."""
    ticket = get_ticket_to_work(by, ticket_number)
    if not text.strip():
        raise Refused("empty_text")
    note, event = write(ticket, text.strip(), by=by, now=now)
    files = take_uploads(ticket, by, upload_ids)
    for file in files:
        file.note = note
    Attachment.objects.bulk_create(files)
    drafts.sent(ticket, by, mode="note", basis=basis)
    touch(ticket, now=now)
    outbox.record(event, by=by.key, now=now)
    return note


def write(ticket: Ticket, text: str, *, by: Actor, now: datetime) -> tuple[Note, NoteAdded]:
    """Into a locked or new ticket, the event for the caller to record. Whoever is named follows it from now on."""
    found, told = _mentions(ticket, text)
    note = Note.objects.create(ticket=ticket, staff_id=staff_id_of(by), text=text, mentions=found, created_at=now)
    tells = concerned(
        (Why.MENTIONED, told),
        (Why.NOTED, [ticket.assignee_id]),
        (Why.FOLLOWED_NOTED, ticket.followers),
        by=by.staff_id,
    )
    following.add(ticket, told)
    return note, NoteAdded(ticket_id=ticket.pk, note_id=note.pk, tells=tells)


def _mentions(ticket: Ticket, text: str) -> tuple[list[tuple[int, int, str]], list[int]]:
    """Where, and why nobody is told of it; whom to tell."""
    if "@" not in text:
        return [], []
    people = {each.actor.staff_id: each for each in colleagues() if each.actor.staff_id}
    called = handles({staff_id: (each.actor.name, each.login) for staff_id, each in people.items()})
    found: list[tuple[int, int, str]] = []
    told: list[int] = []
    for mention in mentions(text, called):
        why_not = ""
        if len(mention.staff_ids) > 1:
            why_not = "several"
        elif not _sees(people[min(mention.staff_ids)].actor, ticket):
            why_not = "unseen"
        else:
            told.extend(mention.staff_ids)
        found.append((mention.start, mention.end, why_not))
    return found, told


def _sees(person: Actor, ticket: Ticket) -> bool:
    return may_see(person, team_id=ticket.team_id, assignee_id=ticket.assignee_id, kind=Kind(ticket.kind))
