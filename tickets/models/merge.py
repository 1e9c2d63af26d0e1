from django.db import models
from django.db.models import Q


class Merge(models.Model):
    """One ticket gone into another, with what it takes to part them again."""

    source = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    source_before: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField()
    target_before: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField()
    target_version = models.IntegerField()
    message_ids: "models.JSONField[list[int], list[int]]" = models.JSONField()
    note_ids: "models.JSONField[list[int], list[int]]" = models.JSONField()
    side_ids: "models.JSONField[list[int], list[int]]" = models.JSONField()  # of side conversations
    promise_ids: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list, db_default=[])
    clock_moved = models.BigIntegerField(null=True)  # of the source, running on in the target
    clock_aside = models.BigIntegerField(null=True)  # of either, the one due later

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="tickets_merged_once")
        ]


class TicketLink(models.Model):
    """Two tickets about one thing. `one` has the smaller id."""

    one = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="tickets_linked_once")]
