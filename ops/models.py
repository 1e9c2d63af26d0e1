from django.db import models
from django.db.models.functions import Now


class DemoMail(models.Model):
    """One mail that left a demo desk, one row for each recipient. Nothing of it ever leaves this machine."""

    received_at = models.DateTimeField(db_default=Now(), db_index=True)
    mail_from = models.CharField(max_length=320, default="", blank=True)  # "" is the null return path
    rcpt_to = models.CharField(max_length=320)
    subject = models.CharField(max_length=998, default="", blank=True)
    raw = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.rcpt_to}: {self.subject}"


class Backup(models.Model):
    """A backup that was finished. Where the folder is now, the desk does not know."""

    made_at = models.DateTimeField(db_index=True)  # the moment its data are of
    finished_at = models.DateTimeField(db_default=Now())
    folder = models.TextField()
    size_bytes = models.BigIntegerField()
    damaged = models.IntegerField(default=0)  # files that were broken already and are not in it

    def __str__(self) -> str:
        return self.folder
