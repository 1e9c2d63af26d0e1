from collections.abc import Iterable

from django.conf import settings
from django.db import models

from staff.actor import Actor
from staff.roles import Role


class Team(models.Model):
    """People who serve queues. The tier is the team's: 1 first line, 2 specialists, 3 engineers."""

    slug = models.SlugField(unique=True)
    name_ru = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    tier = models.SmallIntegerField(default=1)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(tier__in=(1, 2, 3)), name="staff_team_tier_1_to_3")]

    def __str__(self) -> str:
        return self.slug


class StaffProfile(models.Model):
    """A person of the desk. The same user can never be a contact of a customer (a trigger holds it)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff")
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    public_name = models.CharField(max_length=150, default="", blank=True)  # as customers read it; empty: `name`

    def __str__(self) -> str:
        return self.name

    def actor(self, team_ids: Iterable[int] | None = None) -> Actor:
        """One query for the teams, unless they are given."""
        if team_ids is None:
            team_ids = self.teams.values_list("pk", flat=True)
        return Actor(
            key=f"staff:{self.pk}",
            name=self.name,
            staff_id=self.pk,
            role=Role(self.role),
            team_ids=frozenset(team_ids),
        )


class StaffLetter(models.Model):
    """A letter of the desk to one of its own people: about the account here, never with a customer's words."""

    staff = models.ForeignKey(StaffProfile, on_delete=models.PROTECT, related_name="+")
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)  # forgotten once it is sent: it may hold a link that opens an account
    mail_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=20, default="queued")
    detail = models.CharField(max_length=300, default="", blank=True)

    def __str__(self) -> str:
        return self.mail_id
