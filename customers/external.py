"""Accounts, contacts and services by the names that the provider's own system gave them. Nothing confidential."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import JSONObject

from core import prepared
from customers.actor import Customer
from customers.models import Account, Contact, ContactPoint, Service


@dataclass(frozen=True, slots=True)
class AccountView:
    pk: int
    id: str  # public
    external_id: str | None
    kind: str
    name: str
    login: str | None
    language: str
    customer_since: date | None
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleView:
    account: str | None
    role: str


@dataclass(frozen=True, slots=True)
class ContactView:
    pk: int
    id: str
    external_id: str | None
    surname: str
    given_name: str
    patronymic: str
    salutation: str
    language: str
    roles: tuple[RoleView, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceView:
    pk: int
    external_id: str | None
    account: str | None
    kind: str
    name: str
    domain: str
    paid_until: date | None
    is_working: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whom the provider's own system says to be signed in, and what it is about."""

    customer: Customer
    name: str
    email: str  # on file, of this account if there is one
    account_id: int | None  # None: no such account
    service_id: int | None
    service_account_id: int | None
    languages: Mapping[int, str]  # his own, else that of the account, for each account he has a role in


def account(external_id: str) -> AccountView | None:
    return next(iter(_accounts(Account.objects.filter(external_id=external_id))), None)


def accounts(*, after: int = 0, limit: int) -> list[AccountView]:
    """By id. One query."""
    return _accounts(Account.objects.filter(pk__gt=after).order_by("id")[:limit])


def contact(external_id: str) -> ContactView | None:
    return next(iter(_contacts(Contact.objects.filter(external_id=external_id))), None)


def contacts(*, account: str = "", after: int = 0, limit: int) -> list[ContactView]:
    """By id, of one account or of all. Two queries."""
    found = Contact.objects.filter(pk__gt=after)
    if account:
        found = found.filter(roles__account__external_id=account).distinct()
    return _contacts(found.order_by("id")[:limit])


def service(external_id: str) -> ServiceView | None:
    return next(iter(_services(Service.objects.filter(external_id=external_id))), None)


def services(*, account: str = "", after: int = 0, limit: int) -> list[ServiceView]:
    found = Service.objects.filter(pk__gt=after)
    if account:
        found = found.filter(account__external_id=account)
    return _services(found.order_by("id")[:limit])


def _accounts(rows: QuerySet[Account]) -> list[AccountView]:
    numbers = ArrayAgg("contracts__number", filter=Q(contracts__isnull=False), default=[], order_by="contracts__id")
    return [
        AccountView(
            row.pk, str(row.public_id), row.external_id, row.kind, row.name, row.login, row.language,
            row.customer_since, tuple(row.numbers),
        )
        for row in rows.annotate(numbers=numbers)
    ]  # fmt: skip


def _contacts(rows: QuerySet[Contact]) -> list[ContactView]:
    whose = JSONObject(account=F("roles__account__external_id"), role=F("roles__role"))
    held = ArrayAgg(whose, filter=Q(roles__isnull=False), default=[], order_by="roles__id")
    people = list(rows.annotate(held=held))
    points: dict[int | None, list[tuple[str, str]]] = {}
    on_file = ContactPoint.objects.filter(contact_id__in=[person.pk for person in people]).order_by("id")
    for owner, kind, value in on_file.values_list("contact_id", "kind", "value"):
        points.setdefault(owner, []).append((kind, value))
    return [
        ContactView(
            row.pk, str(row.public_id), row.external_id, row.surname, row.given_name, row.patronymic, row.salutation,
            row.language, tuple(RoleView(**role) for role in row.held),
            emails=tuple(dict.fromkeys(value for kind, value in points.get(row.pk, ()) if kind == "email")),
            phones=tuple(dict.fromkeys(value for kind, value in points.get(row.pk, ()) if kind == "phone")),
        )
        for row in people
    ]  # fmt: skip


def _services(rows: QuerySet[Service]) -> list[ServiceView]:
    return [
        ServiceView(
            row.pk, row.external_id, row.account.external_id, row.kind, row.name, row.domain, row.paid_until,
            row.is_working,
        )
        for row in rows.select_related("account")
    ]  # fmt: skip


_CLAIMED = """
    SELECT contact.id, concat_ws(' ', nullif(given_name, ''), nullif(surname, '')), contact.language, user_id,
        coalesce(signs_in.email, ''),
        (SELECT coalesce(json_agg(json_build_array(account_id, role, held.language)), '[]')
            FROM customers_contactrole JOIN customers_account AS held ON held.id = account_id
            WHERE contact_id = contact.id),
        account.id, service.id, service.account_id,
        coalesce((SELECT value FROM customers_contactpoint WHERE contact_id = contact.id AND kind = 'email'
            ORDER BY account_id IS NOT DISTINCT FROM coalesce(account.id, service.account_id) DESC, id LIMIT 1), '')
    FROM customers_contact AS contact LEFT JOIN users_user AS signs_in ON signs_in.id = user_id
    LEFT JOIN customers_account AS account ON account.external_id = %s
    LEFT JOIN customers_service AS service ON service.external_id = %s
    WHERE contact.external_id = %s"""


def claimed(contact: str, *, account: str = "", service: str = "") -> Claimed | None:
    """Nothing for a contact that is not there. One query."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, _CLAIMED, [account, service, contact])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, name, language, user_id, signs_in, held, account_id, service_id, service_account_id, email = row
    roles: dict[int, set[str]] = {}
    languages: dict[int, str] = {}
    for where, role, of_account in held:
        roles.setdefault(where, set()).add(role)
        languages[where] = language or of_account
    who = Customer(pk, name, signs_in, {where: frozenset(names) for where, names in roles.items()}, user_id, language)
    return Claimed(who, name, email or signs_in, account_id, service_id, service_account_id, languages)
