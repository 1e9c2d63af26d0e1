"""Secrets of customers stand nowhere in clear: sealed when they come, shown with an entry, wiped when all is done."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.sealed import Secret, Unreadable, seal, seal_anew, unseal
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.roles import Perm
from tickets.access import NotVisible, visible_to
from tickets.enums import Status
from tickets.event_types import SecretShown, SecretsWiped
from tickets.models import Message, MessageSecret
from tickets.policies.secrets import Found, take_out

RESOLVED_FOR = timedelta(days=3)
_BATCH = 200


def taken_out_of(message: Message) -> list[MessageSecret]:
    """Marks stand in the message's words afterwards; nothing saved yet, neither it nor what was taken out."""
    words, message.html, found = take_out(message.text, message.quoted_text, message.subject, html=message.html)
    message.text, message.quoted_text, message.subject = words
    return [_row(message, each) for each in found]


def _row(message: Message, found: Found) -> MessageSecret:
    return MessageSecret(
        ticket=message.ticket,
        message=message,
        place=found.place,
        kind=found.kind.value,
        sealed=seal(Secret(found.value)),
    )


def find(by: Actor, message_public_id: UUID, place: int) -> tuple[str, bool]:
    """The number of its ticket, and whether it is still there to be shown. Raises `NotVisible`."""
    number, secret = _find(by, message_public_id, place)
    return number, secret is not None


@transaction.atomic
def show(by: Actor, message_public_id: UUID, place: int, *, now: datetime) -> Secret | None:
    """None: it was wiped, or the key that sealed it is gone. Raises `NotVisible`."""
    _, secret = _find(by, message_public_id, place)
    if secret is None:
        return None
    shown = SecretShown(ticket_id=secret.ticket_id, message_id=secret.message_id, place=place)
    outbox.record(shown, by=by.key, now=now)
    try:
        return unseal(secret.sealed)
    except Unreadable:
        return None


def _find(by: Actor, message_public_id: UUID, place: int) -> tuple[str, MessageSecret | None]:
    seen = visible_to(by) if by.may(Perm.WORK_TICKETS) else visible_to(by).none()
    message = Message.objects.select_related("ticket").filter(public_id=message_public_id, ticket__in=seen).first()
    if message is None:
        raise NotVisible(message_public_id)
    return message.ticket.number, MessageSecret.objects.filter(message=message, place=place).first()


def wipe(now: datetime) -> None:
    """Chore of the relay: of tickets that are closed, or have been resolved for three days."""
    done = Q(ticket__status=Status.CLOSED.value) | Q(
        ticket__status=Status.RESOLVED.value, ticket__updated_at__lt=now - RESOLVED_FOR
    )
    for ticket_id in sorted(set(MessageSecret.objects.filter(done).values_list("ticket_id", flat=True)[:_BATCH])):
        with transaction.atomic():
            count, _ = MessageSecret.objects.filter(done, ticket_id=ticket_id).delete()
            if count:
                outbox.record(SecretsWiped(ticket_id=ticket_id, count=count), by=SYSTEM.key, now=now)


def seal_anew_all() -> None:
    """Under the present SECRET_KEY; what no known key opens stays as it is."""
    for row in MessageSecret.objects.iterator():
        try:
            row.sealed = seal_anew(row.sealed)
        except Unreadable:
            continue
        row.save(update_fields=["sealed"])
