from django.db import models


class CustomField(models.Model):
    """A field of the desk's own; its values stand on the tickets (`Ticket.field_values`), so it is never deleted."""

    name_ru = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    kind = models.CharField(max_length=8)
    is_required = models.BooleanField(default=False)  # before a ticket is resolved
    queues: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # slugs; none means all
    choices: "models.JSONField[list[dict[str, object]], list[dict[str, object]]]" = models.JSONField(default=list)
    place = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name_en
