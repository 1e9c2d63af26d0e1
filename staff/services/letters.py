"""Letters of the desk to its own people. Queued in the transaction of what they tell, sent by a worker."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from core.letter_ids import letter_id
from events import outbox
from staff.event_types import StaffLetterQueued
from staff.models import StaffLetter, StaffProfile
from staff.roles import Role


def queue(
    to: StaffProfile,
    template: str,
    *,
    subject: str | Promise,
    context: dict[str, object],
    by: str,
    now: datetime,
    once: str = "",
) -> StaffLetter | None:
    """The text is templates/email/staff/<template>.<language>.txt; A lazy `subject` comes in that language too.

    With `once` of a work (events.registry), None where an earlier attempt queued it.
    """
    mail_id = letter_id("staff", once=once and f"{once} {to.pk}")
    if once and StaffLetter.objects.filter(mail_id=mail_id).exists():
        return None
    language = "ru" if (to.user.language or settings.LANGUAGE_CODE).startswith("ru") else "en"
    with translation.override(language):
        letter = StaffLetter.objects.create(
            staff=to,
            email=to.user.email,
            language=language,
            subject=str(subject),
            text=render_to_string(f"email/staff/{template}.{language}.txt", {"person": to, **context}),
            mail_id=mail_id,
            created_at=now,
        )
    outbox.record(StaffLetterQueued(staff_id=to.pk, letter_id=letter.pk), by=by, now=now)
    return letter


def notify(
    role: Role, template: str, *, subject: str | Promise, context: dict[str, object], by: str, now: datetime
) -> None:
    """To everybody who holds the role now: of what concerns the desk as a whole. Of a ticket its event tells."""
    people = StaffProfile.objects.filter(role=role.value, user__is_active=True).select_related("user")
    for person in people.order_by("pk"):
        queue(person, template, subject=subject, context=context, by=by, now=now)


def record_end(letter_id: int, *, status: str, detail: str = "") -> None:
    """What became of it. Once sent its words are forgotten."""
    ended = {"status": status, "detail": detail[:300]} | ({"text": ""} if status == "sent" else {})
    StaffLetter.objects.filter(pk=letter_id).update(**ended)


def old(before: datetime) -> QuerySet[StaffLetter]:
    return StaffLetter.objects.filter(created_at__lt=before).exclude(status="queued")
