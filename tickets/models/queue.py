from django.db import models


class Queue(models.Model):
    """Where tickets wait. One team serves it; its tier is the team's."""

    slug = models.SlugField(unique=True)
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    team = models.ForeignKey("staff.Team", on_delete=models.PROTECT, related_name="queues")
    is_active = models.BooleanField(default=True, db_default=True)  # a retired one keeps what was done in it

    def __str__(self) -> str:
        return self.slug


class Signature(models.Model):
    """What stands under a reply: a person's own, or a queue's for whoever has none. In one language each."""

    staff = models.ForeignKey("staff.StaffProfile", null=True, on_delete=models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, null=True, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=2)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "language"], name="tickets_signature_of_person"),
            models.UniqueConstraint(fields=["queue", "language"], name="tickets_signature_of_queue"),
            models.CheckConstraint(
                condition=models.Q(staff=None, queue__isnull=False) | models.Q(staff__isnull=False, queue=None),
                name="tickets_signature_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff or self.queue} {self.language}"
