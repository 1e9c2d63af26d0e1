"""Putting customers on file. Only the panel, the API, an import or an agent does it, never a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service


@dataclass(frozen=True, slots=True)
class ServiceOnFile:
    kind: str
    name: str
    domain: str = ""  # A-label
    paid_until: date | None = None


@dataclass(frozen=True, slots=True)
class PersonOnFile:
    given_name: str
    surname: str
    email: str  # in its normal form
    role: str
    salutation: str = ""
    language: str = ""
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class AccountOnFile:
    kind: str
    name: str
    login: str  # lower case
    contract: str  # upper case, as printed
    people: Sequence[PersonOnFile]
    services: Sequence[ServiceOnFile] = ()
    language: str = ""
    customer_since: date | None = None


@transaction.atomic
def put_on_file(card: AccountOnFile, *, now: datetime) -> int:
    """The account's id. One whose login is known is left as it is."""
    account, is_new = Account.objects.get_or_create(
        login=card.login,
        defaults={
            "kind": card.kind,
            "name": card.name,
            "language": card.language,
            "customer_since": card.customer_since,
        },
    )
    if not is_new:
        return account.pk
    Contract.objects.create(account=account, number=card.contract)
    for person in card.people:
        contact = Contact.objects.create(
            given_name=person.given_name,
            surname=person.surname,
            salutation=person.salutation,
            language=person.language,
            user_id=person.user_id,
        )
        ContactRole.objects.create(account=account, contact=contact, role=person.role)
        ContactPoint.objects.create(
            account=account, contact=contact, kind="email", value=person.email, on_file_since=now
        )
    Service.objects.bulk_create(
        Service(account=account, kind=s.kind, name=s.name, domain=s.domain, paid_until=s.paid_until)
        for s in card.services
    )
    return account.pk
