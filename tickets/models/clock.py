from django.db import models


class Clock(models.Model):
    """One metric of the agreement on one ticket; its truth is the ledger of entries."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="clocks")
    metric = models.CharField(max_length=20)
    target = models.DurationField()
    due_at = models.DateTimeField(null=True)  # cache of replay(); null while paused or met
    is_open = models.BooleanField(default=True)
    met_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "metric"], condition=models.Q(is_open=True), name="tickets_one_open_clock"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(is_open=True), name="tickets_clocks_due")]


class ClockEntry(models.Model):
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="entries")
    entry = models.CharField(max_length=10)
    reason = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
