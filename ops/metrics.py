"""`/metrics` in Prometheus' text format, every figure a fact of PostgreSQL: whichever process answers, they agree.

Hence no client library: a registry within the process is what it is for, and here it would only write labels.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max

from channels_app import queries as doors
from events import bookkeeping, tally
from events.models import Delivery, DeliveryState, Heartbeat
from ops import health
from ops.models import Backup
from ops.version import version
from tickets.queries import books

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str  # without "helpdesk_"; a counter ends in _total
    help: str
    samples: tuple[tuple[Labels, float], ...]


def text(metrics: Iterator[Metric]) -> str:
    lines = []
    for metric in metrics:
        name, kind = f"helpdesk_{metric.name}", "counter" if metric.name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    escaped = ((k, v.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for k, v in labels)
    return "{" + ",".join(f'{key}="{value}"' for key, value in escaped) + "}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _one(name: str, help: str, value: float | None) -> Iterator[Metric]:
    """Nothing is told of what has never been."""
    if value is not None:
        yield Metric(name, help, (((), value),))


# metric <- keys of the tally, and the names of the parts of a key
_TALLIES = (
    ("mails_total", "Accepted mails by door and by what became of them.", "mail", ("door", "outcome")),
    ("tickets_opened_total", "Tickets by the door they came through.", "opened", ("door",)),
    ("letters_total", "Copies of answers by the end they came to.", "letter", ("outcome",)),
    ("events_total", "Entries of the journals by type.", "event", ("type",)),
)


def gather(*, now: datetime) -> Iterator[Metric]:
    def age(moment: datetime | None) -> float | None:
        return (now - moment).total_seconds() if moment else None

    yield Metric("build_info", "The version that answers.", (((("version", version()),), 1),))
    state = health.look(now=now)
    yield from _one("redis_up", "Whether Redis answers.", state.redis)
    yield from _one("outbox_lag_seconds", "How long the oldest due delivery waits.", state.outbox_lag_seconds)

    totals = tally.totals()
    for name, help, prefix, parts in _TALLIES:
        keys = sorted(key for key in totals if key.startswith(prefix + ":"))
        yield Metric(name, help, tuple((tuple(zip(parts, k.split(":")[1:], strict=True)), totals[k]) for k in keys))

    waiting = dict(
        Delivery.objects.filter(state__in=(DeliveryState.PENDING, DeliveryState.LEASED))
        .order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    states = (DeliveryState.PENDING, DeliveryState.LEASED)
    samples = tuple(((("state", state.value),), float(waiting.get(state.value, 0))) for state in states)
    yield Metric("deliveries", "Deliveries that are not ended.", samples)

    for name, seen in (("mail_unread", doors.mail_unread(now)), ("quarantine", doors.quarantine_age(now))):
        yield from _one(name, "Mails that wait, counted up to a thousand.", seen.count)
        yield from _one(f"{name}_oldest_seconds", "Since when the oldest of them waits.", age(seen.oldest_at) or 0)
    yield from _one(
        "quarantine_overdue", "Mails of people that nobody looked at in time.", doors.quarantine_overdue(now)
    )
    yield from _one("tickets_open", "Tickets that are not done.", books.open_tickets())

    entries = bookkeeping.entries(now=now)
    reds = tuple(((("book", entry.name),), float(entry.is_red)) for entry in entries)
    yield Metric("book_red", "1 while the book does not add up.", reds)
    beats = [(name, at) for name, at in Heartbeat.objects.values_list("name", "at")]
    if entries:
        beats.append(("relay", max(entry.checked_at for entry in entries)))
    ages = tuple(((("process", name),), (now - at).total_seconds()) for name, at in sorted(beats))
    yield Metric("heartbeat_age_seconds", "Since when it has not been seen to work.", ages)

    last = Backup.objects.aggregate(last=Max("made_at"))["last"]
    yield from _one("backup_age_seconds", "Age of the last backup that was whole.", age(last))
    yield from _one(
        "disk_free_bytes", "Room on the disk of the data folder.", shutil.disk_usage(settings.DATA_DIR).free
    )
