from django.db import models


class SpamDigest(models.Model):
    """A day whose spam has been told to the leads. The key holds it to one letter a day, however many relays ask."""

    day = models.DateField(primary_key=True)
    told_at = models.DateTimeField()
