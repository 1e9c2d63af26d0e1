from django.db import models


class AutomaticText(models.Model):
    """An automatic text as the administrators changed it. No row: as the file in templates/email has it."""

    name = models.CharField(max_length=32)
    language = models.CharField(max_length=8)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="tickets_text_once_a_language")]

    def __str__(self) -> str:
        return f"{self.name}.{self.language}"
