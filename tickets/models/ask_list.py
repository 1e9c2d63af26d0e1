from django.db import models


class AskList(models.Model):
    """What the desk often asks of customers together. An agent takes it into a reply, so nothing points here."""

    name_ru = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    lines_ru = models.TextField()  # as tickets.policies.checklist reads them, one thing a line
    lines_en = models.TextField()
    kinds: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # of ticket; none means all
    service_kinds: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # none means all
    place = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name_en
