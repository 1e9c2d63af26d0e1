import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class AccountKind(models.TextChoices):
    PERSON = "person"
    ORGANISATION = "organisation"


class RoleKind(models.TextChoices):
    OWNER = "owner"
    ADMINISTRATIVE = "administrative"
    TECHNICAL = "technical"
    BILLING = "billing"


class PointKind(models.TextChoices):
    EMAIL = "email"
    PHONE = "phone"


class ServiceKind(models.TextChoices):
    HOSTING = "hosting"
    DOMAIN = "domain"
    CERTIFICATE = "certificate"
    SERVER = "server"


class Account(models.Model):
    """The party with the contract. What must not be read below a level is in `confidential`."""

    external_id = models.CharField(max_length=100, null=True)  # what the provider's own system calls it
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=AccountKind.choices)
    name = models.CharField(max_length=200)
    login = models.CharField(max_length=64, unique=True, null=True)  # lower case
    language = models.CharField(max_length=2, default="", blank=True)
    customer_since = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["external_id"], name="customers_account_external_id")]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=64, unique=True)  # upper case, as printed

    def __str__(self) -> str:
        return self.number


class Contact(models.Model):
    """A person on file. Only the panel, the API, an import or an agent makes one, never a mail."""

    external_id = models.CharField(max_length=100, null=True)  # what the provider's own system calls it
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    surname = models.CharField(max_length=100, default="", blank=True)
    given_name = models.CharField(max_length=100, default="", blank=True)
    patronymic = models.CharField(max_length=100, default="", blank=True)
    salutation = models.CharField(max_length=150, default="", blank=True)  # how this person wants to be addressed
    language = models.CharField(max_length=2, default="", blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="contact"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["external_id"], name="customers_contact_external_id")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.given_name, self.surname)))


class ContactRole(models.Model):
    """One role of one person in one account; a web studio runs eighty."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=16, choices=RoleKind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "contact", "role"], name="customers_role_once")]


class ContactPoint(models.Model):
    """An address or number on file, in its normal form. The same one may stand in many accounts."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="points")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="points")
    kind = models.CharField(max_length=8, choices=PointKind.choices)
    value = models.CharField(max_length=254)  # e-mail: lower-case local part at an A-label domain; phone: E.164
    literal = models.CharField(max_length=100, default="", db_default="", blank=True)  # a phone as it was written
    on_file_since = models.DateTimeField(db_default=Now())  # fresh data is weak: counts one level less

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "value"], name="customers_point_once_in_an_account")
        ]
        # Every message asks whose address this is.
        indexes = [models.Index(fields=["kind", "value"], name="customers_point_value")]


class Service(models.Model):
    external_id = models.CharField(max_length=100, null=True)  # what the provider's own system calls it
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=16, choices=ServiceKind.choices)
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, default="", blank=True, db_index=True)  # A-label
    paid_until = models.DateField(null=True)
    is_working = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["external_id"], name="customers_service_external_id")]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """One person agreed to one version of the terms. Append-only."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "version"], name="customers_agreed_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.version}"
