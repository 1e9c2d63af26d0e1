import uuid

from django.db import models


class ChecklistItem(models.Model):
    """One thing asked of the customer in a letter. Its ticket is the letter's, wherever that goes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey("tickets.Message", on_delete=models.PROTECT, related_name="checklist", db_index=False)
    place = models.SmallIntegerField()  # as it is numbered in the letter
    kind = models.CharField(max_length=4)  # tickets.enums.AskKind
    words = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, blank=True)
    # What answered it; none, once it is done: the desk needs it no longer.
    answer = models.ForeignKey("tickets.Message", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "place"], name="tickets_checklist_in_order")]
