"""Secrets of customers stand nowhere in clear: sealed when they come, shown with an entry, wiped when all is done."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from core.sealed import Secret, Unreadable, seal, seal_anew, unseal
from events import outbox
from staff.actor import SYSTEM, Actor
from staff.roles import Perm
from tickets.access import NotVisible, visible_to
from tickets.enums import Status
from tickets.event_types import SecretFileOpened, SecretShown, SecretsWiped
from tickets.models import Attachment, Message, MessageSecret, Ticket
from tickets.policies.secrets import MARK, Found, SecretKind, take_out
from tickets.queries.files import FileView, file_view

RESOLVED_FOR = timedelta(days=3)
MOST_ONCE = 4_000  # characters
_BATCH = 200


def taken_out_of(message: Message, details: list[list[str]] | None = None) -> list[MessageSecret]:
    """Marks stand in the message's words afterwards, and in the `details` (code, value) that a form asked beside them;
    nothing saved yet, neither it nor what was taken out.
    """
    asked = details or []
    words = (message.text, message.quoted_text, message.subject, *(value for _code, value in asked))
    left, message.html, found = take_out(*words, html=message.html)
    message.text, message.quoted_text, message.subject, *values = left
    for pair, value in zip(asked, values, strict=True):
        pair[1] = value
    return [_row(message, each) for each in found]


def given_once(message: Message, value: str, *, place: int) -> MessageSecret:
    """What was typed into the field for it, whole; its mark stands below the message's words. Nothing saved yet."""
    message.text = f"{message.text}\n\n{MARK.format(place)}".strip()
    return _row(message, Found(place, SecretKind.ONCE, value))


def _row(message: Message, found: Found) -> MessageSecret:
    return MessageSecret(
        ticket=message.ticket,
        message=message,
        place=found.place,
        kind=found.kind.value,
        sealed=seal(Secret(found.value)),
    )


def find(by: Actor, message_public_id: UUID, place: int) -> tuple[str, SecretKind | None]:
    """The number of its ticket, and what is still there to be shown. Raises `NotVisible`."""
    number, secret = _find(by, message_public_id, place)
    return number, SecretKind(secret.kind) if secret else None


@transaction.atomic
def show(by: Actor, message_public_id: UUID, place: int, *, now: datetime) -> Secret | None:
    """None: it was wiped or shown, or the key that sealed it is gone. Raises `NotVisible`."""
    _, secret = _find(by, message_public_id, place, lock=True)
    if secret is None:
        return None
    if secret.kind == SecretKind.ONCE:
        MessageSecret.objects.filter(pk=secret.pk).delete()
    shown = SecretShown(ticket_id=secret.message.ticket_id, message_id=secret.message_id, place=place)
    outbox.record(shown, by=by.key, now=now)
    try:
        return unseal(secret.sealed)
    except Unreadable:
        return None


def number_of_file(by: Actor, public_id: UUID) -> str:
    """The number of the ticket of a secret file. Raises `NotVisible`."""
    return _ticket_of(_find_file(by, public_id)).number


@transaction.atomic
def open_file(by: Actor, public_id: UUID, *, now: datetime) -> FileView:
    """A secret file, to be handed out: it stands in the journal. Raises `NotVisible`."""
    file = _find_file(by, public_id)
    outbox.record(SecretFileOpened(ticket_id=_ticket_of(file).pk, attachment_id=file.pk), by=by.key, now=now)
    return file_view(file)


def _find_file(by: Actor, public_id: UUID) -> Attachment:
    seen = visible_to(by) if by.may(Perm.WORK_TICKETS) else visible_to(by).none()
    of_seen = Q(message__ticket__in=seen) | Q(side_letter__conversation__ticket__in=seen)
    files = Attachment.objects.select_related("message__ticket", "side_letter__conversation__ticket")
    found = files.filter(of_seen, public_id=public_id, is_secret=True).first()
    if found is None:
        raise NotVisible(public_id)
    return found


def _ticket_of(file: Attachment) -> Ticket:
    if file.message is not None:
        return file.message.ticket
    assert file.side_letter is not None  # notes are written by colleagues
    return file.side_letter.conversation.ticket


def _find(by: Actor, message_public_id: UUID, place: int, *, lock: bool = False) -> tuple[str, MessageSecret | None]:
    seen = visible_to(by) if by.may(Perm.WORK_TICKETS) else visible_to(by).none()
    message = Message.objects.select_related("ticket").filter(public_id=message_public_id, ticket__in=seen).first()
    if message is None:
        raise NotVisible(message_public_id)
    secrets = MessageSecret.objects.select_for_update(of=("self",)) if lock else MessageSecret.objects
    return message.ticket.number, secrets.select_related("message").filter(message=message, place=place).first()


def wipe(now: datetime) -> None:
    """Chore of the relay: of tickets that are closed, or have been resolved for three days.

    Words go at once; a file loses its digest, and the sweep of the store takes its bytes.
    """
    resolved_before = now - RESOLVED_FOR
    words = MessageSecret.objects.filter(_is_done("message__ticket", resolved_before))
    files = Attachment.objects.filter(
        _is_done("message__ticket", resolved_before) | _is_done("side_letter__conversation__ticket", resolved_before),
        is_secret=True,
    )
    of_file = Coalesce("message__ticket_id", "side_letter__conversation__ticket_id")
    due = {
        *words.values_list("message__ticket_id", flat=True)[:_BATCH],
        *files.values_list(of_file, flat=True)[:_BATCH],
    }
    for ticket_id in sorted(due):
        with transaction.atomic():
            count, _ = words.filter(message__ticket_id=ticket_id).delete()
            own = files.alias(own=of_file).filter(own=ticket_id).values("pk")
            count += Attachment.objects.filter(pk__in=own).update(digest="", is_secret=False, remark="wiped")
            if count:
                outbox.record(SecretsWiped(ticket_id=ticket_id, count=count), by=SYSTEM.key, now=now)


def _is_done(ticket: str, resolved_before: datetime) -> Q:
    return Q(**{f"{ticket}__status": Status.CLOSED.value}) | Q(
        **{f"{ticket}__status": Status.RESOLVED.value, f"{ticket}__updated_at__lt": resolved_before}
    )


def seal_anew_all() -> None:
    """Under the present SECRET_KEY; what no known key opens stays as it is."""
    for row in MessageSecret.objects.iterator():
        try:
            row.sealed = seal_anew(row.sealed)
        except Unreadable:
            continue
        row.save(update_fields=["sealed"])
