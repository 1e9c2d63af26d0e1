from django.db import models
from django.db.models import Q


class SenderRule(models.Model):
    """An address or a domain with all below it that is blocked or allowed. A removed one stays: it is undone by it."""

    list = models.CharField(max_length=5)  # tickets.enums.SenderList
    value = models.CharField(max_length=254)  # in normal form
    reason = models.CharField(max_length=200, blank=True)
    staff = models.ForeignKey("staff.StaffProfile", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    hits = models.IntegerField(default=0)  # letters it decided

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value"], condition=Q(removed_at=None), name="tickets_one_rule_a_sender")
        ]
