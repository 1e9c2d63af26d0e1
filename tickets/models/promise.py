import uuid

from django.db import models
from django.db.models import Q


class Promise(models.Model):
    """What the desk promised the customer, and by when. It ends once; another time is another promise."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="promises")
    is_answer = models.BooleanField()  # kept by a reply that says so; a deed by hand, too
    words = models.CharField(max_length=300, blank=True)  # none: an answer, no more
    due_at = models.DateTimeField()
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    message = models.ForeignKey("tickets.Message", null=True, on_delete=models.PROTECT, related_name="promises")
    instead_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of the withdrawal, told to the customer
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kept_at=None) | Q(withdrawn_at=None), name="tickets_promise_ends_once")
        ]
