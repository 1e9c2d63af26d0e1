"""What the desk asks of a customer: a list in a reply, ticked off in the panel, or by hand if the answer was mailed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Contact
from events import outbox
from staff.actor import Actor
from tickets.access import NotVisible, get_ticket_to_work
from tickets.contracts import StoredFile
from tickets.enums import Direction, Held, Status
from tickets.event_types import ChecklistAnswered, ChecklistAsked
from tickets.models import ChecklistItem, Message, Ticket
from tickets.policies import checklist
from tickets.policies.checklist import Asked, Ticked
from tickets.services.intake import touch
from tickets.services.refused import Refused
from tickets.services.uploads import is_uuid

MOST_ANSWER = 2_000


@dataclass(frozen=True, slots=True)
class Tick:
    """What a customer gave for one thing; `item` is its public id."""

    item: str
    words: str = ""
    files: tuple[StoredFile, ...] = ()


def read(text: str) -> tuple[Asked, ...]:
    """What the lines of a composer ask for. Raises `Refused`."""
    items = checklist.asked_in(text)
    if len(items) > checklist.MOST_ITEMS:
        raise Refused("ask_too_many")
    if any(len(item.words) > checklist.MOST_WORDS for item in items):
        raise Refused("ask_too_long")
    return items


def block(items: Sequence[Asked], ticket: Ticket) -> str:
    """As it stands in the letter, with a link for whoever can sign in to the panel."""
    with translation.override(ticket.language):
        lines = [_("We need from you:"), checklist.numbered(items)]
        if ticket.contact_id and Contact.objects.filter(pk=ticket.contact_id, user__isnull=False).exists():
            link = f"{settings.SITE_URL}/panel/tickets/{ticket.public_id}/#checklist"
            lines.append(_("Answer point by point: %(link)s") % {"link": link})
    return "\n".join(lines)


def add(message: Message, items: Sequence[Asked]) -> list[ChecklistAsked]:
    ChecklistItem.objects.bulk_create(
        ChecklistItem(message=message, place=place, kind=item.kind.value, words=item.words)
        for place, item in enumerate(items, 1)
    )
    return [ChecklistAsked(ticket_id=message.ticket_id, message_id=message.pk, count=len(items))] if items else []


def untold(message: Message) -> None:
    """The reply was taken back before anybody read it. Raises `Refused` where somebody has answered all the same."""
    items = ChecklistItem.objects.filter(message=message)
    if items.exclude(done_at=None).exists():
        raise Refused("already_left")
    items.delete()


def told_to(ticket: Ticket, *, now: datetime) -> QuerySet[ChecklistItem]:
    """What has left: a reply that may still be taken back has asked nobody anything."""
    left = Q(message__leaves_at=None) | Q(message__leaves_at__lte=now)
    return ChecklistItem.objects.filter(left, message__ticket=ticket, message__withdrawn_at=None)


def given(
    ticket: Ticket, ticks: Sequence[Tick], *, since: datetime | None, now: datetime
) -> list[tuple[ChecklistItem, Tick]]:
    """Of a locked ticket, in the order they were asked. Raises `NotVisible`, and `Refused` with a code."""
    if ticks and Status(ticket.status) is Status.CLOSED:
        raise Refused("ticks_closed")
    by_id = {tick.item: tick for tick in ticks if is_uuid(tick.item)}
    items = told_to(ticket, now=now)
    if since is not None:
        items = items.filter(message__created_at__gte=since)
    found = list(items.filter(public_id__in=by_id).order_by("message_id", "place"))
    if len(found) != len(ticks):
        raise NotVisible(ticket.public_id)
    if any(item.done_at for item in found):
        raise Refused("ticked_already")
    both = [(item, by_id[str(item.public_id)]) for item in found]
    if any(len(tick.words) > MOST_ANSWER for _item, tick in both):
        raise Refused("tick_too_long")
    return both


def words_of(both: Sequence[tuple[ChecklistItem, Tick]], more: str) -> str:
    ticked = [Ticked(i.place, i.words, t.words, tuple(file.filename for file in t.files)) for i, t in both]
    return checklist.told(ticked, more)


def tick_off(
    both: Sequence[tuple[ChecklistItem, Tick]], message: Message, *, by: str, now: datetime
) -> list[ChecklistAnswered]:
    ids = tuple(item.pk for item, _tick in both)
    ChecklistItem.objects.filter(pk__in=ids).update(done_at=now, done_by=by, answer=message)
    return [_answered(message.ticket_id, ids, message.pk)] if ids else []


@transaction.atomic
def tick_by_hand(ticket_number: str, item: str, *, answer: str, by: Actor, now: datetime) -> None:
    """By an agent: `answer` is the public id of the message it came in; "" means that it is needed no longer."""
    ticket = get_ticket_to_work(by, ticket_number)
    mine = ChecklistItem.objects.filter(message__ticket=ticket, message__withdrawn_at=None)
    found = mine.filter(public_id=item, done_at=None).first() if is_uuid(item) else None
    if found is None:
        raise Refused("ticked_already")
    message = _letter(ticket, answer) if answer else None
    found.done_at, found.done_by, found.answer = now, by.key, message
    found.save(update_fields=["done_at", "done_by", "answer"])
    touch(ticket, now=now)
    outbox.record(_answered(ticket.pk, (found.pk,), message.pk if message else None), by=by.key, now=now)


def _letter(ticket: Ticket, public_id: str) -> Message:
    theirs = Message.objects.filter(
        ticket=ticket, direction=Direction.INBOUND.value, held__in=(Held.NO.value, Held.ACCEPTED.value)
    )
    found = theirs.filter(public_id=public_id).first() if is_uuid(public_id) else None
    if found is None:
        raise Refused("no_such_message")
    return found


def _answered(ticket_id: int, items: tuple[int, ...], message_id: int | None) -> ChecklistAnswered:
    return ChecklistAnswered(ticket_id=ticket_id, item_ids=items, count=len(items), message_id=message_id)
