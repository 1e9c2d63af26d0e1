"""Letters of what somebody was told: each thing in one letter at most, and none of what he has seen by then."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from automation import choices
from automation.models import Notification
from automation.words import KINDS
from staff.actor import SYSTEM
from staff.models import StaffProfile
from staff.services import letters
from tickets import access
from tickets.numbers import pretty

PEOPLE_A_ROUND = 20
MOST_NAMED = 50


def send(now: datetime) -> None:
    """Chore of the relay: one letter for each person of whom something is due."""
    due = Notification.objects.filter(mail_due_at__lte=now)
    for staff_id in due.order_by("staff_id").values_list("staff_id", flat=True).distinct()[:PEOPLE_A_ROUND]:
        _send_to(staff_id, now=now)


@transaction.atomic
def _send_to(staff_id: int, *, now: datetime) -> None:
    """The letter is queued in the transaction that forgets that it is due."""
    due = Notification.objects.filter(staff_id=staff_id, mail_due_at__lte=now)
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("event").order_by("id"))
    person = StaffProfile.objects.select_related("user", "choices").get(pk=staff_id)
    waits_until = choices.of(person).waits_until(now)
    chosen = Notification.objects.filter(pk__in=[row.pk for row in rows])
    if waits_until > now:  # it fell due before the quiet hours, and nobody was there to send it
        chosen.update(mail_due_at=waits_until)
        return
    chosen.update(mail_due_at=None)
    unseen = [row for row in rows if row.seen_at is None]
    if unseen and person.user.is_active:
        _queue(person, unseen, now=now)


def _queue(person: StaffProfile, rows: Sequence[Notification], *, now: datetime) -> None:
    """Nothing of a ticket but its number and its subject, and only of those he may see at this moment."""
    tickets = access.numbers_of(person.actor(), {row.ticket_id for row in rows})
    names = {f"staff:{pk}": name for pk, name in StaffProfile.objects.values_list("pk", "name")}
    told = [
        {
            "words": KINDS[row.kind],
            "who": names.get(row.event.actor, ""),
            "number": pretty(tickets[row.ticket_id][0]),
            "subject": tickets[row.ticket_id][1],
            "link": f"{settings.SITE_URL}/desk/tickets/{tickets[row.ticket_id][0]}/",
        }
        for row in rows
        if row.ticket_id in tickets
    ]
    if not told:
        return
    one = told[0]
    subject = (
        format_lazy("{}: {}", one["number"], one["words"]) if len(told) == 1 else _("What happened in your tickets")
    )
    context = {
        "told": told[:MOST_NAMED],
        "more": max(0, len(told) - MOST_NAMED),
        "all": f"{settings.SITE_URL}/desk/notifications/",
        "choices": f"{settings.SITE_URL}/desk/me/",
    }
    letters.queue(person, "notifications", subject=subject, context=context, by=SYSTEM.key, now=now)
