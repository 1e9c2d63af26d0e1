"""Acts of destruction: what the law wants shown of what it wants gone."""

from django.db import models


class Destruction(models.Model):
    """One act, kept for ever. Its id is its number; nothing in it names whose words went."""

    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # Actor.key
    by_name = models.CharField(max_length=200)  # as printed
    reason = models.CharField(max_length=300)
    counts: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField()  # tickets | messages | ...
    tickets: "models.JSONField[list[str], list[str]]" = models.JSONField()  # numbers

    def __str__(self) -> str:
        return str(self.pk)
