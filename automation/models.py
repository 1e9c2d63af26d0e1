from django.db import models


class Notification(models.Model):
    """One person of the desk is told of one event of a ticket."""

    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)  # tickets.policies.concern.Why
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)  # a letter of it may leave then; NULL: none, or it has left

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "staff"], name="automation_told_once")]
        indexes = [
            models.Index(fields=["staff", "-id"], name="automation_told_of_person"),
            # The number on every page: the few not seen, however many there were in years.
            models.Index(fields=["staff", "ticket"], condition=models.Q(seen_at=None), name="automation_told_unseen"),
            # Asked every second, and nearly always nothing waits.
            models.Index(
                fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="automation_mail_due"
            ),
            models.Index(fields=["at"], name="automation_told_when"),  # what is old is forgotten
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Choices(models.Model):
    """How one person wants to be told (automation/choices.py). No row: everything in the page, nothing by mail."""

    staff = models.OneToOneField(
        "staff.StaffProfile", primary_key=True, on_delete=models.PROTECT, related_name="choices"
    )
    ways: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)  # kind: way
    pace = models.CharField(max_length=8)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    def __str__(self) -> str:
        return f"choices of {self.pk}"
