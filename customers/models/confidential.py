"""What an agent may read only at a level. Read for him by `assurance.access` alone, written by
`customers.services.confidential` alone; a linter holds it."""

from django.db import models

from customers.models.customer import Account


class AccountConfidential(models.Model):
    """`related_name="+"`: no template can stumble into it from an account."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.PROTECT, related_name="+")
    tax_number = models.CharField(max_length=20, default="", blank=True, db_index=True)  # ИНН; imports ask by it
    administrative_email = models.EmailField(default="", blank=True)
    administrative_email_since = models.DateTimeField(null=True)
    administrative_email_before = models.EmailField(default="", db_default="", blank=True)  # it is told of the change
