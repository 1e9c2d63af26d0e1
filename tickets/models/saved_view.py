import uuid

from django.db import models


class SavedView(models.Model):
    """A list of tickets somebody gave a name. Its tickets are found anew each time, with the rights of who looks."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey("staff.StaffProfile", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)  # what the address of the list says behind its question mark
    is_shared = models.BooleanField(default=False)  # everybody at the desk has it
    place = models.IntegerField(default=0)  # among the owner's own, or among the shared ones
    removed_at = models.DateTimeField(null=True)  # may be taken back for a day

    def __str__(self) -> str:
        return self.name
