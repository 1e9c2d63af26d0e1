from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now


class Realm(models.TextChoices):
    """Where a session lives. Every address prefix accepts one realm (web/shared/middleware.py)."""

    DESK = "desk"
    PANEL = "panel"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who can sign in. What he is (staff, contact) and may do is said elsewhere, never here."""

    email = models.EmailField(max_length=254)
    login = models.CharField(max_length=64, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, default="", blank=True)
    time_zone = models.CharField(max_length=64, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="users_email_once"),
            models.UniqueConstraint(Lower("login"), name="users_login_once"),
        ]

    def __str__(self) -> str:
        return self.email


class SignedIn(models.Model):
    """Whose a session is, from where, and when he was last seen in it; it ends with the session (users/sessions.py)."""

    session = models.OneToOneField(
        "sessions.Session", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )  # the database deletes the row with it, whoever ends it: see the migration
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    realm = models.CharField(max_length=8)
    browser = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} {self.realm}"
