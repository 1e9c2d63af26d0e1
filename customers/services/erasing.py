"""A person on file goes: names, addresses, roles and sign-in. Accounts, contracts and services stay."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from customers.event_types import ContactErased
from customers.models import Contact, ContactPoint, ContactRole
from customers.services import confidential
from events import outbox
from users import closing


@dataclass(frozen=True, slots=True)
class OnFile:
    contact_ids: tuple[int, ...]
    emails: frozenset[str]  # all of them
    phones: frozenset[str]
    is_only_owner: bool  # of some account
    is_administrative: bool  # an address decides for some account


def at(email: str) -> OnFile:
    """Whoever has this address in any account, and his other addresses."""
    there = ContactPoint.objects.filter(kind="email", value=email, contact__isnull=False)
    ids = tuple(sorted(set(there.values_list("contact_id", flat=True))))
    emails = {email, *ContactPoint.objects.filter(kind="email", contact__in=ids).values_list("value", flat=True)}
    phones = ContactPoint.objects.filter(kind="phone", contact__in=ids).values_list("value", flat=True)
    owners = ContactRole.objects.filter(role="owner")
    owned = set(owners.filter(contact__in=ids).values_list("account_id", flat=True))
    kept = set(owners.filter(account__in=owned).exclude(contact__in=ids).values_list("account_id", flat=True))
    return OnFile(ids, frozenset(emails), frozenset(phones), bool(owned - kept), confidential.is_administrative(emails))


def erase(contact_ids: Collection[int], emails: Collection[str], *, by: str, now: datetime) -> None:
    """In the caller's transaction."""
    people = list(Contact.objects.select_for_update().filter(pk__in=contact_ids).order_by("pk"))
    ContactPoint.objects.filter(contact__in=people).delete()
    ContactPoint.objects.filter(kind="email", value__in=emails).delete()
    ContactRole.objects.filter(contact__in=people).delete()
    confidential.forget_before(emails)
    for person in people:
        user_id, person.user = person.user_id, None
        person.surname = person.given_name = person.patronymic = person.salutation = ""
        person.external_id = None
        person.save()
        if user_id is not None:
            closing.close(user_id)
        outbox.record(ContactErased(contact_id=person.pk), by=by, now=now)
