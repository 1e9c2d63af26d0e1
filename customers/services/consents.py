"""Consent to the processing of personal data: asked once for each version, kept with its time."""

from datetime import datetime

from django.db import transaction

from customers.actor import Customer
from customers.event_types import ConsentGiven, OwnDataExported
from customers.models import Consent
from customers.policies.consent import VERSION
from events import outbox


def has_agreed(customer: Customer) -> bool:
    """To the terms in force. One query."""
    return Consent.objects.filter(contact_id=customer.contact_id, version=VERSION).exists()


@transaction.atomic
def agree(customer: Customer, *, now: datetime) -> None:
    _, is_new = Consent.objects.get_or_create(contact_id=customer.contact_id, version=VERSION, defaults={"at": now})
    if is_new:
        outbox.record(ConsentGiven(contact_id=customer.contact_id, version=VERSION), by=customer.key, now=now)


@transaction.atomic
def record_export(customer: Customer, *, now: datetime) -> None:
    """That he took away what is kept about him."""
    outbox.record(OwnDataExported(contact_id=customer.contact_id), by=customer.key, now=now)
