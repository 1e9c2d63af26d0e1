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
