"""What mail servers were refused in the dialogue: who asks whether his mail arrived is told of that, too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from channels_app.mail.addresses import normal_form
from channels_app.models import TurnedAway

MOST_AN_HOUR = 1_000  # rows of one listener: whoever guesses addresses must not fill the table
MOST_SHOWN = 50

# The same once more that day is counted, not kept.
_NOTE = """
    INSERT INTO channels_app_turnedaway (day, last_at, reason, sender, recipient, client_ip, times)
    VALUES (%(day)s, %(now)s, %(reason)s, %(sender)s, %(recipient)s, %(client_ip)s, 1)
    ON CONFLICT (day, sender, recipient, reason, client_ip)
    DO UPDATE SET times = channels_app_turnedaway.times + 1, last_at = excluded.last_at"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason`: no_mailbox | too_large | no_room | too_much_waits."""

    reason: str
    sender: str
    recipient: str
    client_ip: str
    last_at: datetime
    times: int


def note(reason: str, *, sender: str, recipient: str, client_ip: str, now: datetime) -> None:
    values: dict[str, Any] = {
        "day": timezone.localdate(now, timezone.get_default_timezone()),
        "now": now,
        "reason": reason,
        "sender": _kept(sender),
        "recipient": _kept(recipient),
        "client_ip": client_ip[:64],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def turned_away(
    *, sender: str = "", part: str = "", since: datetime | None = None, until: datetime | None = None
) -> list[Refusal]:
    """The newest, as `arrivals.mail` narrows mail. One query."""
    rows = TurnedAway.objects.order_by("-last_at", "-id")
    if sender:
        rows = rows.filter(sender=sender)
    elif part:
        rows = rows.filter(sender__contains=part)
    if since:
        rows = rows.filter(last_at__gte=since)
    if until:
        rows = rows.filter(last_at__lt=until)
    fields = ("reason", "sender", "recipient", "client_ip", "last_at", "times")
    return [Refusal(*values) for values in rows.values_list(*fields)[:MOST_SHOWN]]


def old(before: datetime) -> QuerySet[TurnedAway]:
    return TurnedAway.objects.filter(last_at__lt=before).order_by("last_at", "id")


def _kept(address: str) -> str:
    return (normal_form(address) or address.replace("\x00", "").lower())[:320]
