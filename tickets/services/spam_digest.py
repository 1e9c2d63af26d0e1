"""Once a day the leads read what became spam, so that a mistake of the filter or of a colleague is seen by somebody."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.actor import SYSTEM
from staff.roles import Role
from staff.services import letters
from tickets.enums import Kind
from tickets.models import SpamDigest, Ticket
from tickets.numbers import pretty

FROM_HOUR = 9  # of the installation's time zone
MOST_NAMED = 30


@transaction.atomic
def send(now: datetime) -> None:
    """Chore of the relay. A day without spam costs no letter."""
    local = timezone.localtime(now)
    if local.hour < FROM_HOUR or SpamDigest.objects.filter(day=local.date()).exists():
        return
    last = SpamDigest.objects.order_by("-day").first()
    if not SpamDigest.objects.get_or_create(day=local.date(), defaults={"told_at": now})[1]:
        return  # another relay was faster
    since = last.told_at if last else now - timedelta(days=1)
    of_the_day = Ticket.objects.filter(is_spam=True, spam_since__gt=since, spam_since__lte=now)
    came = of_the_day.exclude(kind=Kind.RESTRICTED.value)  # one letter for all leads, who do not see each of these
    counts = dict(came.order_by().values_list("spam_reason").annotate(Count("pk")))
    if not counts:
        return
    newest = came.order_by("-spam_since").values_list("number", "requester_email")[:MOST_NAMED]
    context = {
        "counts": counts,
        "total": sum(counts.values()),
        "tickets": [(pretty(number), email) for number, email in newest],
        "link": f"{settings.SITE_URL}/desk/?view=spam",
    }
    letters.notify(Role.LEAD, "spam_digest", subject=_("Spam of the day"), context=context, by=SYSTEM.key, now=now)
