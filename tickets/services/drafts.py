"""What somebody is writing, kept on the server. Nobody but its author ever changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from staff.actor import Actor
from tickets.access import get_ticket_to_prepare
from tickets.models import Draft, Ticket, Upload
from tickets.services.refused import Refused
from tickets.services.uploads import staff_id_of

MODES = frozenset({"reply", "note", "side"})
NEW = "new"  # of a ticket that is to be begun
MOST_LETTERS = 200_000


class NewerDraft(Refused):
    """Another window of the same person has saved since: both texts live on, and a person joins them."""

    def __init__(self, text: str, version: int) -> None:
        super().__init__("newer_draft")
        self.text, self.version = text, version


@dataclass(frozen=True, slots=True)
class Basis:
    """What a window knew when it sent: the draft it had saved, and the last message it had shown."""

    version: int | None = None  # None: it knew of no draft, whatever there is has been sent
    window: str = ""
    seen: int | None = None  # id of the newest message; None: do not ask


NO_BASIS = Basis()


@dataclass(frozen=True, slots=True)
class Writing:
    text: str
    beside: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def save(ticket_number: str, *, by: Actor, mode: str, writing: Writing, basis: Basis, now: datetime) -> int:
    """The new version. Raises `NewerDraft` when another window has saved, or has sent what was saved."""
    ticket = get_ticket_to_prepare(by, ticket_number)
    if mode not in MODES:
        raise Refused("unknown_mode")
    return _save(ticket, by=by, mode=mode, writing=writing, basis=basis, now=now)


@transaction.atomic
def save_new(*, by: Actor, writing: Writing, basis: Basis, now: datetime) -> int:
    """The same for a ticket that is to be begun; each person has one such draft."""
    return _save(None, by=by, mode=NEW, writing=writing, basis=basis, now=now)


@transaction.atomic
def forget_new(*, by: Actor) -> None:
    Upload.objects.filter(ticket=None, staff_id=staff_id_of(by)).delete()
    Draft.objects.filter(ticket=None, staff_id=staff_id_of(by)).delete()


def _save(ticket: Ticket | None, *, by: Actor, mode: str, writing: Writing, basis: Basis, now: datetime) -> int:
    draft, is_new = Draft.objects.select_for_update().get_or_create(
        ticket=ticket, staff_id=staff_id_of(by), mode=mode, defaults={"updated_at": now}
    )
    version = basis.version or 0
    if version < draft.version or (is_new and version > 0):
        raise NewerDraft(draft.text, draft.version)
    draft.text, draft.beside = writing.text[:MOST_LETTERS], writing.beside
    draft.version, draft.window, draft.updated_at = draft.version + 1, basis.window, now
    draft.save()
    return draft.version


def sent(ticket: Ticket | None, by: Actor, *, mode: str, basis: Basis) -> None:
    """The draft has become a message. One that another window has saved since is another text and stays."""
    draft = Draft.objects.filter(ticket=ticket, staff_id=by.staff_id, mode=mode).first()
    if draft is None:
        return
    is_others = draft.window != basis.window and basis.version is not None and draft.version > basis.version
    if not is_others:
        draft.delete()


def put_back(ticket: Ticket, by: Actor, *, mode: str, writing: Writing, now: datetime) -> None:
    """Above whatever was begun since, so that neither is lost."""
    draft, _ = Draft.objects.select_for_update().get_or_create(
        ticket=ticket, staff_id=staff_id_of(by), mode=mode, defaults={"updated_at": now}
    )
    begun_since = draft.text.strip()
    draft.text = writing.text + (f"\n\n{begun_since}" if begun_since else "")
    draft.beside = draft.beside | writing.beside
    draft.version, draft.window, draft.updated_at = draft.version + 1, "", now
    draft.save()


def old(before: datetime) -> QuerySet[Draft]:
    """What nobody goes on writing. There are few of them at any time."""
    return Draft.objects.filter(updated_at__lt=before)
