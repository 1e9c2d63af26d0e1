"""A person on file goes: names, addresses, roles and sign-in. Accounts, contracts and services stay."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.named import Named
from core.normal_forms import normal_form
from core.phones import numbers_in
from customers.event_types import ContactErased
from customers.models import Contact, ContactPoint, ContactRole
from customers.services import confidential
from events import outbox
from users import closing


@dataclass(frozen=True, slots=True)
class OnFile:
    """Somebody by his addresses, and as a contact on file where he is one."""

    contact_ids: tuple[int, ...]
    account_ids: frozenset[int]
    named: Named
    logins: frozenset[str]
    is_only_owner: bool  # of some account
    is_administrative: bool  # an address decides for some account


def at(asked: str) -> OnFile | None:
    """Whoever has this address, telephone number or login, with all his others. None: it is none of these."""
    emails, phones = {normal_form(asked)} - {""}, set()
    if emails:
        ids = _having("email", emails)
    elif phones := {each.number for each in numbers_in(asked, region=settings.PHONE_REGION)} - {""}:
        ids = _having("phone", phones)
    else:
        ids = set(Contact.objects.filter(user__login__iexact=asked.strip()).values_list("pk", flat=True))
        if not ids:
            return None
    points = ContactPoint.objects.filter(contact__in=ids)
    emails.update(points.filter(kind="email").values_list("value", flat=True))
    phones.update(points.filter(kind="phone").values_list("value", flat=True))
    people = list(Contact.objects.filter(pk__in=ids).select_related("user"))
    roles = ContactRole.objects.filter(contact__in=ids)
    accounts = {*points.values_list("account_id", flat=True), *roles.values_list("account_id", flat=True)}
    return OnFile(
        contact_ids=tuple(sorted(ids)),
        account_ids=frozenset(accounts),
        named=Named(frozenset(emails), frozenset(phones), frozenset(_names(people))),
        logins=frozenset(each.user.login for each in people if each.user and each.user.login),
        is_only_owner=_is_only_owner(ids),
        is_administrative=confidential.is_administrative(emails),
    )


def _having(kind: str, values: Collection[str]) -> set[int]:
    points = ContactPoint.objects.filter(kind=kind, value__in=values, contact__isnull=False)
    return {pk for pk in points.values_list("contact_id", flat=True) if pk is not None}


def _names(people: Iterable[Contact]) -> Iterator[str]:
    for person in people:
        given, surname, patronymic = person.given_name, person.surname, person.patronymic
        for words in ((given, surname), (surname, given), (surname, given, patronymic), (given, patronymic, surname)):
            yield " ".join(filter(None, words))
        yield person.salutation


def _is_only_owner(contact_ids: Collection[int]) -> bool:
    owners = ContactRole.objects.filter(role="owner")
    owned = set(owners.filter(contact__in=contact_ids).values_list("account_id", flat=True))
    others = owners.filter(account__in=owned).exclude(contact__in=contact_ids)
    return bool(owned - set(others.values_list("account_id", flat=True)))


def erase(found: OnFile, *, by: str, now: datetime) -> None:
    """In the caller's transaction."""
    contact_ids, emails = found.contact_ids, found.named.emails
    people = list(Contact.objects.select_for_update().filter(pk__in=contact_ids).order_by("pk"))
    ContactPoint.objects.filter(contact__in=people).delete()
    ContactPoint.objects.filter(kind="email", value__in=emails).delete()
    ContactRole.objects.filter(contact__in=people).delete()
    confidential.forget_before(emails)
    closing.forget_attempts([*emails, *found.logins])
    for person in people:
        user_id, person.user = person.user_id, None
        person.surname = person.given_name = person.patronymic = person.salutation = ""
        person.external_id = None
        person.save()
        if user_id is not None:
            closing.close(user_id)
        outbox.record(ContactErased(contact_id=person.pk), by=by, now=now)
