"""People of an account, kept by those who may manage it. Whoever decides about the account is not made here."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from core.normal_forms import normal_form
from customers.actor import GIVEN_HERE, Customer, Right
from customers.event_types import ContactAdded, ContactAddressChanged, ContactRemoved
from customers.models import Account, Contact, ContactPoint, ContactRole
from events import outbox

MOST_PEOPLE = 100
MOST_NAME = 100


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def add(account_id: int, *, name: str, email: str, role: str, by: Customer, now: datetime) -> str:
    """Returns the address as it is kept. Raises `Refused`: no_right, no_name, bad_email, bad_role, there, too_many."""
    _manage(account_id, by)
    name, email = " ".join(name.split()), normal_form(email.strip())
    if not name or len(name) > MOST_NAME:
        raise Refused("no_name")
    if not email:
        raise Refused("bad_email")
    if role not in GIVEN_HERE:
        raise Refused("bad_role")
    if ContactPoint.objects.filter(account_id=account_id, kind="email", value=email).exists():
        raise Refused("there")
    if ContactRole.objects.filter(account_id=account_id).values("contact").distinct().count() >= MOST_PEOPLE:
        raise Refused("too_many")
    contact = Contact.objects.create(given_name=name)
    ContactPoint.objects.create(
        account_id=account_id, contact=contact, kind="email", value=email, literal=email[:100], on_file_since=now
    )
    ContactRole.objects.create(account_id=account_id, contact=contact, role=role)
    added = ContactAdded(account_id=account_id, contact_id=contact.pk, role=role)
    outbox.record(added, by=by.key, now=now)
    return email


@transaction.atomic
def change_address(
    account_id: int, contact_id: int, *, email: str, by: Customer, now: datetime
) -> tuple[str, Collection[str]]:
    """The new address, on file from now, and those it replaces. Raises `Refused`."""
    _manage(account_id, by)
    _theirs(account_id, contact_id)
    email = normal_form(email.strip())
    if not email:
        raise Refused("bad_email")
    points = ContactPoint.objects.filter(account_id=account_id, kind="email")
    if points.filter(value=email).exists():
        raise Refused("there")
    old = points.filter(contact_id=contact_id)
    before = list(old.values_list("value", flat=True))
    old.delete()
    ContactPoint.objects.create(
        account_id=account_id, contact_id=contact_id, kind="email", value=email, literal=email[:100], on_file_since=now
    )
    outbox.record(ContactAddressChanged(account_id=account_id, contact_id=contact_id), by=by.key, now=now)
    return email, before


@transaction.atomic
def remove(account_id: int, contact_id: int, *, by: Customer, now: datetime) -> Collection[str]:
    """Takes roles and addresses in this account away. The addresses he had. Raises `Refused`."""
    _manage(account_id, by)
    _theirs(account_id, contact_id)
    points = ContactPoint.objects.filter(account_id=account_id, contact_id=contact_id)
    before = list(points.filter(kind="email").values_list("value", flat=True))
    points.delete()
    ContactRole.objects.filter(account_id=account_id, contact_id=contact_id).delete()
    outbox.record(ContactRemoved(account_id=account_id, contact_id=contact_id), by=by.key, now=now)
    return before


def _manage(account_id: int, by: Customer) -> None:
    if not by.may(account_id, Right.MANAGE):
        raise Refused("no_right")
    Account.objects.select_for_update().get(pk=account_id)


def _theirs(account_id: int, contact_id: int) -> None:
    """Those who decide about the account, and strangers to it, are not changed here."""
    roles = set(ContactRole.objects.filter(account_id=account_id, contact_id=contact_id).values_list("role", flat=True))
    if not roles or not roles <= set(GIVEN_HERE):
        raise Refused("no_right")
