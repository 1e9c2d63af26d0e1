import uuid

from django.db import models


class BulkChange(models.Model):
    """One change of many tickets by one person, with what it takes to undo it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=8)  # tickets.enums.BulkAction
    value = models.CharField(max_length=50, blank=True)
    items: "models.JSONField[list[dict[str, object]], list[dict[str, object]]]" = models.JSONField()
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
