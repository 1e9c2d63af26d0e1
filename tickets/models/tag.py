from django.db import models
from django.db.models.functions import Now


class Tag(models.Model):
    """A word the desk sorts its tickets by. A retired one stays where it was given and is offered no more."""

    name = models.CharField(max_length=40, unique=True)
    colour = models.CharField(max_length=1, default="a")  # one of tickets.enums.TAG_COLOURS: tells apart, means nothing
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class TicketTag(models.Model):
    """A tag on a ticket. Where the ticket stands in a list is written beside it by triggers, so that the list of a
    tag is one walk along an index however many tickets bear it.
    """

    pk = models.CompositePrimaryKey("ticket_id", "tag_id")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_listed = models.BooleanField(db_default=True)  # open and no spam
    walk_due_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["tag", "is_listed", "walk_due_at", "ticket"], name="tickets_of_tag")]
