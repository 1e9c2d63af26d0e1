"""How long what is kept, and acts of destruction: what the law wants shown of what it wants gone."""

from django.db import models


class RetentionRule(models.Model):
    """How long one kind is kept (privacy/retention.py). In force a day after it was set."""

    kind = models.CharField(max_length=16, primary_key=True)
    days = models.IntegerField(null=True)  # None: for ever
    by = models.CharField(max_length=64)  # Actor.key
    by_name = models.CharField(max_length=200, blank=True)  # "" as the program has it
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.days}"


class Destruction(models.Model):
    """One act, kept for ever. Its id is its number; nothing in it names whose words went.

    That of a rule takes what goes of one kind in one day; each batch stands in the journal `act:<number>`.
    """

    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # Actor.key
    by_name = models.CharField(max_length=200)  # as printed; of a rule: who set it
    basis = models.CharField(max_length=16, db_default="request", default="request")  # or the kind of the rule
    days = models.IntegerField(null=True)  # as the rule said
    reason = models.CharField(max_length=300)
    counts: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField()  # tickets | messages | ...
    tickets: "models.JSONField[list[str], list[str]]" = models.JSONField()  # numbers

    class Meta:
        indexes = [models.Index(fields=["basis", "-id"], name="privacy_acts_of_basis")]

    def __str__(self) -> str:
        return str(self.pk)


class LeavingFile(models.Model):
    """A file some rows were rid of: it goes after their commit, unless another row names it."""

    digest = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest
