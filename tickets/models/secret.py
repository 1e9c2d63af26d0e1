from django.db import models


class MessageSecret(models.Model):
    """What was taken out of a message's words, sealed, until its ticket is done. Read through `services.secrets`.

    It goes where its message goes; `ticket` is the one it was written in.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey("tickets.Message", on_delete=models.PROTECT, related_name="+")
    place = models.SmallIntegerField()
    kind = models.CharField(max_length=16)
    sealed = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "place"], name="tickets_secret_once")]

    def __str__(self) -> str:
        return f"{self.message_id}.{self.place}"
