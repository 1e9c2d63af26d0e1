from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q


class SearchEntry(models.Model):
    """The words of one message or note, without their places. Derived: services/search.py writes it.

    A message's ticket is asked of the message itself, so that one that moves needs no change here.
    """

    message = models.OneToOneField("tickets.Message", null=True, on_delete=models.CASCADE, related_name="+")
    note = models.OneToOneField("tickets.Note", null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(message=None) ^ Q(note=None), name="tickets_entry_of_one_text")
        ]
        indexes = [
            # No list of pending words: a search would have to read it through.
            GinIndex(fields=["words"], fastupdate=False, name="tickets_entry_words"),
            models.Index(fields=["-at", "-id"], name="tickets_entry_by_time"),
        ]


class SearchWord(models.Model):
    """A stem that occurs, and in how many texts: how rare a word is decides how it is looked for."""

    word = models.TextField(primary_key=True, db_collation="C")
    texts = models.BigIntegerField()

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="tickets_word_alike")]


class ToIndex(models.Model):
    """A text that came and is not in the index yet; a trigger writes it (migration 0008)."""

    message_id = models.BigIntegerField(null=True)
    note_id = models.BigIntegerField(null=True)
