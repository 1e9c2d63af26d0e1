import secrets

from django.db import models
from django.db.models.functions import Now


class Key(models.Model):
    """A secret of the installation that must travel with its backup (numbers, reply tokens, mail signatures).

    `SECRET_KEY` may be changed at will; changing one of these would break numbers and addresses already given out.
    """

    name = models.CharField(max_length=100, unique=True)
    value = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


_seen: dict[str, bytes] = {}


def key(name: str, size_bytes: int = 32) -> bytes:
    """The key of that name, made on first use. One query for each process and name."""
    if name not in _seen:
        row, _ = Key.objects.get_or_create(name=name, defaults={"value": secrets.token_bytes(size_bytes)})
        _seen[name] = bytes(row.value)
    return _seen[name]


class Installation(models.Model):
    """One row: what this installation is. Demo is decided at first start and cannot become production."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField()
    started_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="core_installation_is_one")]


class Look(models.Model):
    """One row: name, logo and accent of this desk (core/look.py reads it, staff.services.look writes it)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=60, default="", blank=True)
    accent = models.CharField(max_length=7, default="", blank=True)
    logo = models.BinaryField(default=b"")
    logo_digest = models.CharField(max_length=16, default="", blank=True)
    is_logo_in_letters = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="core_look_is_one")]


class LimitCount(models.Model):
    """Uses under one limit in one window (core/limits.py); `key` is a digest that names nobody."""

    key = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveBigIntegerField()
    until = models.DateTimeField(db_index=True)  # to forget it by
