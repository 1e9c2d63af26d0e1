from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django_otp.models import Device, TimestampMixin


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


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of a Device, which has no types
    """Somebody who can sign in. What he is (staff, contact) and may do is said elsewhere, never here."""

    email = models.EmailField(max_length=254)
    login = models.CharField(max_length=64, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, default="", blank=True)
    time_zone = models.CharField(max_length=64, default="", blank=True)
    shows_factor = models.BooleanField(default=False, db_default=False)  # a customer: at every sign-in, as he chose
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


class Passkey(TimestampMixin, Device):
    """A key in somebody's telephone, computer or security key; it signs what we ask (users/passkeys.py).

    A `Device` of django-otp, so that whatever asks for somebody's second factors meets it beside his code app.
    """

    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()  # one that does not grow tells a copy; many keys always say 0
    transports: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)


class PasskeyQuestion(models.Model):
    """What a passkey is to sign. One is open in a session, and an answer uses it up, right or wrong."""

    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=64)  # digest of the form it is asked for
    challenge = models.BinaryField()
    asked_at = models.DateTimeField(db_index=True)


class WrongCode(models.Model):
    """Of the code app; so many within a day close it (users/app_codes.py)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class RecoveryCode(models.Model):
    """Good once in place of a lost factor (users/recovery.py). Not a `Device`: no proof of today is made of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="users_recovery_code_once")]

    def __str__(self) -> str:
        return "•••"


class ApiToken(models.Model):
    """A program that signs in with a secret of which only the digest is kept."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)  # its last characters: which of several this one is
    scopes: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    per_minute = models.IntegerField()
    made_by = models.CharField(max_length=64)  # Actor.key
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute

    def __str__(self) -> str:
        return self.name


class SignOnKey(models.Model):
    """Whoever holds the other half of this key may send his signed-in customers into the panel."""

    issuer = models.CharField(max_length=64, unique=True)  # `iss` of its links
    algorithm = models.CharField(max_length=8)  # HS256 | EdDSA: what a link says of itself never counts
    sealed = models.TextField()  # core.sealed: the shared key, or the public one
    made_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.issuer


class UsedSignOn(models.Model):
    """A link that was followed. Kept until it would have run out anyway."""

    key = models.ForeignKey(SignOnKey, on_delete=models.PROTECT, related_name="+")
    jti = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "jti"], name="users_sign_on_once")]
