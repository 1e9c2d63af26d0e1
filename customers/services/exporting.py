"""What an import brought, as a file that an import reads again and finds nothing to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from core.clock import written
from core.phones import extension_of
from customers.event_types import CustomersExported
from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service
from customers.policies.columns import FIELDS, ImportKind
from customers.services import confidential
from events import outbox
from staff.actor import Actor
from staff.roles import Perm

AT_ONCE = 1000
MOST_REASON = 300
# What an import reads and an export needs not say: the name stands in its parts.
_LEFT_OUT = frozenset({"full_name"})


@transaction.atomic
def record(kind: ImportKind, *, reason: str, by: Actor, now: datetime) -> None:
    """Before the first byte leaves it stands in the journal who took what, and why."""
    if not by.may(Perm.SET_UP):
        raise PermissionError("exports are for those who set the desk up")
    outbox.record(CustomersExported(kind=kind, reason=reason[:MOST_REASON]), by=by.key, now=now)


def rows(kind: ImportKind) -> Iterator[list[str]]:
    """The header and every row. A thousand accounts are held at a time."""
    columns = [field for field in FIELDS[kind] if field not in _LEFT_OUT]
    yield columns
    last = 0
    while accounts := list(Account.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = accounts[-1].pk
        for values in _ROWS[kind](accounts, _Named(accounts)):
            yield [values.get(column, "") for column in columns]


class _Named:
    """How the rows of other kinds name their account."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.ids = [account.pk for account in accounts]
        self.logins = {account.pk: account.login or "" for account in accounts}
        self.secret = confidential.on_file(self.ids)
        self.contracts: dict[int, list[str]] = {}
        for account_id, number in _of(Contract, self.ids).values_list("account_id", "number"):
            self.contracts.setdefault(account_id, []).append(number)

    def __call__(self, account_id: int) -> dict[str, str]:
        found = self.secret.get(account_id, confidential.Confidential())
        return {
            "login": self.logins[account_id],
            "contract": ", ".join(self.contracts.get(account_id, ())),
            "tax_number": found.tax_number,
        }


def _of(model: Any, account_ids: Sequence[int]) -> Any:
    return model.objects.filter(account_id__in=account_ids).order_by("account_id", "id")


def _accounts(accounts: Sequence[Account], named: _Named) -> Iterator[dict[str, str]]:
    for account in accounts:
        found = named.secret.get(account.pk, confidential.Confidential())
        since = found.administrative_email_since
        yield named(account.pk) | {
            "kind": account.kind,
            "name": account.name,
            "language": account.language,
            "customer_since": account.customer_since.isoformat() if account.customer_since else "",
            "administrative_email": found.administrative_email,
            "administrative_email_since": written(since) if since else "",
        }


def _contacts(accounts: Sequence[Account], named: _Named) -> Iterator[dict[str, str]]:
    points: dict[tuple[int, int], list[ContactPoint]] = {}
    for point in _of(ContactPoint, named.ids).exclude(contact=None):
        points.setdefault((point.account_id, point.contact_id), []).append(point)
    roles: dict[tuple[int, int], list[str]] = {}
    for row in _of(ContactRole, named.ids):
        roles.setdefault((row.account_id, row.contact_id), []).append(row.role)
    pairs = sorted(points.keys() | roles.keys())
    people = Contact.objects.in_bulk({contact_id for _, contact_id in pairs})
    for pair in pairs:
        person, reached = people[pair[1]], points.get(pair, [])
        yield named(pair[0]) | {
            "surname": person.surname,
            "given_name": person.given_name,
            "patronymic": person.patronymic,
            "salutation": person.salutation,
            "language": person.language,
            "roles": ", ".join(roles.get(pair, ())),
            "emails": ", ".join(point.value for point in reached if point.kind == "email"),
            "phones": ", ".join(_phone(point) for point in reached if point.kind == "phone"),
            "on_file_since": max((written(point.on_file_since) for point in reached), default=""),
        }


def _phone(point: ContactPoint) -> str:
    """In its normal form, which every office reads alike."""
    extension = extension_of(point.literal)
    return f"{point.value} доб. {extension}" if extension else point.value


def _contracts(accounts: Sequence[Account], named: _Named) -> Iterator[dict[str, str]]:
    for account_id, numbers in named.contracts.items():
        yield from (named(account_id) | {"number": number} for number in numbers)


def _services(accounts: Sequence[Account], named: _Named) -> Iterator[dict[str, str]]:
    for service in _of(Service, named.ids):
        yield named(service.account_id) | {
            "kind": service.kind,
            "name": service.name,
            "domain": service.domain,
            "paid_until": service.paid_until.isoformat() if service.paid_until else "",
            "is_working": "yes" if service.is_working else "no",
        }


_ROWS = {
    ImportKind.ACCOUNTS: _accounts,
    ImportKind.CONTACTS: _contacts,
    ImportKind.CONTRACTS: _contracts,
    ImportKind.SERVICES: _services,
}
