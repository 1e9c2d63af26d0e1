from django.db import models


class Notification(models.Model):
    """One person of the desk is told of one event of a ticket."""

    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)  # tickets.policies.concern.Why
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "staff"], name="automation_told_once")]
        indexes = [
            models.Index(fields=["staff", "-id"], name="automation_told_of_person"),
            # The number on every page: the few not seen, however many there were in years.
            models.Index(fields=["staff", "ticket"], condition=models.Q(seen_at=None), name="automation_told_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
