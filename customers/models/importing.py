"""An import as rows: what was given, what each line would do, how far it has come."""

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Now


class RunState(models.TextChoices):
    MAPPING = "mapping"  # a person looks at encoding, separator and columns
    READING = "reading"  # a worker judges line after line
    READY = "ready"  # the dry run is whole
    APPLYING = "applying"
    DONE = "done"
    STOPPED = "stopped"  # by a person; what was applied stays
    FAILED = "failed"  # `failure` says why


class ImportRun(models.Model):
    """One file on its way in. Its lines and its bytes are forgotten a week after the end; the counts stay."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.MAPPING)
    failure = models.CharField(max_length=32, default="", blank=True)
    filename = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, default="", blank=True)  # core.blobs; "" when forgotten
    size_bytes = models.BigIntegerField()
    encoding = models.CharField(max_length=16)
    separator = models.CharField(max_length=1)
    headers: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    mapping: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # field of each column
    is_applied_at_once = models.BooleanField(default=False)  # no person looks at the dry run
    by = models.CharField(max_length=64)  # Actor.key
    read_bytes = models.BigIntegerField(default=0)  # where the next line begins
    read_lines = models.BigIntegerField(default=0)
    applied_to = models.BigIntegerField(default=0)  # number of the last line that was applied
    created = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    applied = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The relay asks for work every few seconds.
            models.Index(
                fields=["id"], condition=models.Q(state__in=("reading", "applying")), name="customers_import_at_work"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename}"


class ImportLine(models.Model):
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    number = models.BigIntegerField()  # in the file, from 1
    verdict = models.CharField(max_length=10)
    values: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)  # normal forms
    changes: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)  # [before, after]
    problems: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)  # [field, code, cell]
    is_applied = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="customers_import_line_once")]
        # The page shows the bad ones of a hundred thousand.
        indexes = [models.Index(fields=["run", "verdict", "number"], name="customers_import_verdict")]


class ImportKey(models.Model):
    """What a line of a run is about, so that a second line about the same is known as one."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=400)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="customers_import_key_once")]
