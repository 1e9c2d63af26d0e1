from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from events.chain import GENESIS


class Stream(models.Model):
    """The head of one journal. Its row is the lock under which the next link is forged."""

    key = models.CharField(max_length=64, unique=True)  # "ticket:17"
    sequence = models.BigIntegerField(default=0)
    head = models.BinaryField(default=GENESIS)

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    """What happened, once and for ever: a trigger refuses UPDATE and DELETE."""

    stream = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)  # Actor.key: "staff:3", "requester", "system"
    at = models.DateTimeField()
    payload_digest = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="events_one_link_per_place")]
        # The links of one day: they lie together, so a summary of each block is enough.
        indexes = [BrinIndex(fields=["at"], name="events_event_by_day", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.stream}#{self.sequence} {self.type}"


class EventPayload(models.Model):
    """Ids and before/after values of one event, apart from the chain so that they can be erased by law."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.PROTECT, related_name="payload")
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()


class DayDigest(models.Model):
    """One number for all links of a day (UTC) and every day before. Kept outside it shows what was rewritten."""

    day = models.DateField(primary_key=True)
    events = models.IntegerField()
    digest = models.BinaryField()
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when it stood where the administrator wants it

    def __str__(self) -> str:
        return self.day.isoformat()


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # taken back before any worker had it
    UNCERTAIN = "uncertain"  # begun, not repeatable, end unknown: shown to a person


class Delivery(models.Model):
    """One thing that must follow from one event: the durable work item behind the doorbell.

    Done rows are deleted after a week by the sweeper; the event stays.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=64)
    key = models.CharField(max_length=320, default="", blank=True)  # which of several effects, e.g. a recipient
    state = models.CharField(max_length=10, default=DeliveryState.PENDING)
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.SmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)  # fencing: a late writer with an old lease changes nothing
    phase = models.CharField(max_length=20, default="", blank=True)  # how far an effect that cannot be repeated got
    last_error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber", "key"], name="events_one_delivery")]
        indexes = [
            # The relay and the workers ask for due work every few seconds; done rows must not weigh on them.
            models.Index(fields=["due_at", "id"], condition=models.Q(state="pending"), name="events_delivery_pending"),
            models.Index(fields=["leased_until"], condition=models.Q(state="leased"), name="events_delivery_leased"),
            # How many letters did not leave this week? The few that ended so, and none of the others.
            models.Index(
                fields=["finished_at"],
                condition=models.Q(state__in=("failed", "uncertain")),
                name="events_delivery_ended_badly",
            ),
        ]


class Book(models.Model):
    """The last look into one book (docs/operating.md). Red since when, and empty when it adds up."""

    name = models.CharField(max_length=32, primary_key=True)
    checked_at = models.DateTimeField()
    count = models.IntegerField(default=0)
    oldest_at = models.DateTimeField(null=True)
    red_since = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)  # when somebody was last told by letter that it is red

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When something that must never stop was last seen to work."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """A total for monitoring, such as "letter:sent" (events/tally.py)."""

    key = models.CharField(max_length=100, primary_key=True)
    total = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class TallyMark(models.Model):
    """How far one table has been counted, and its highest id at the last look."""

    name = models.CharField(max_length=32, primary_key=True)
    counted = models.BigIntegerField()
    seen = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
