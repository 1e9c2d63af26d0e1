from django.db import models


class Evidence(models.Model):
    """One thing that proves, or contradicts, the right of a ticket's requester to ask. Append-only.

    Revoking is a new row that names the old one.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey("tickets.Message", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)  # a key of policies.levels.EVIDENCE_LIFETIME
    level = models.SmallIntegerField()
    scope = models.CharField(max_length=16, default="message")
    established_by = models.CharField(max_length=64, default="system")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revokes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="assurance_evidence_of_ticket")]
