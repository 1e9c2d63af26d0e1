"""What the control panel shows a customer of his accounts. Nothing confidential passes here."""

from dataclasses import dataclass
from datetime import date, datetime

from customers.actor import GIVEN_HERE, Customer, Right
from customers.models import Account, Consent, ContactPoint, ContactRole, Service


@dataclass(frozen=True, slots=True)
class AccountView:
    id: int
    public_id: str
    name: str
    login: str
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceView:
    id: int
    kind: str
    name: str
    domain: str
    paid_until: date | None
    is_working: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    contact_id: int
    name: str
    roles: tuple[str, ...]
    is_you: bool
    emails: tuple[str, ...] = ()
    is_kept_here: bool = False  # whoever manages the account may change or remove him


@dataclass(frozen=True, slots=True)
class PointView:
    kind: str
    value: str
    on_file_since: datetime


def accounts_of(customer: Customer) -> tuple[AccountView, ...]:
    """Those in which he may ask, by name. Two queries."""
    found = Account.objects.filter(pk__in=customer.accounts(Right.ASK)).prefetch_related("contracts").order_by("name")
    return tuple(
        AccountView(
            account.pk,
            str(account.public_id),
            account.name,
            account.login or "",
            tuple(contract.number for contract in account.contracts.all()),
        )
        for account in found
    )


def services_of(account_id: int) -> tuple[ServiceView, ...]:
    """One query."""
    rows = Service.objects.filter(account_id=account_id).order_by("id")[:100]
    return tuple(ServiceView(row.pk, row.kind, row.name, row.domain, row.paid_until, row.is_working) for row in rows)


def people_of(account_id: int, *, you: Customer) -> tuple[PersonView, ...]:
    """Who may ask in the name of the account. Two queries."""
    emails: dict[int | None, list[str]] = {}
    for contact_id, value in ContactPoint.objects.filter(account_id=account_id, kind="email").values_list(
        "contact_id", "value"
    ):
        emails.setdefault(contact_id, []).append(value)
    roles: dict[int, tuple[str, list[str]]] = {}
    for row in ContactRole.objects.filter(account_id=account_id).select_related("contact").order_by("contact_id", "id"):
        roles.setdefault(row.contact_id, (row.contact.name, []))[1].append(row.role)
    return tuple(
        PersonView(
            contact_id,
            name,
            tuple(names),
            contact_id == you.contact_id,
            tuple(emails.get(contact_id, ())),
            set(names) <= set(GIVEN_HERE),
        )
        for contact_id, (name, names) in roles.items()
    )


def kept_about(customer: Customer) -> dict[str, object]:
    """Everything on file about this person himself, for him to read. Three queries."""
    points = ContactPoint.objects.filter(contact_id=customer.contact_id).order_by("id")
    roles = ContactRole.objects.filter(contact_id=customer.contact_id).select_related("account").order_by("id")
    consents = Consent.objects.filter(contact_id=customer.contact_id).order_by("id")
    return {
        "name": customer.name,
        "sign_in": customer.email,
        "points": [
            {"kind": point.kind, "value": point.value, "on_file_since": point.on_file_since} for point in points
        ],
        "roles": [{"account": role.account.name, "role": role.role} for role in roles],
        "consents": [{"version": each.version, "at": each.at} for each in consents],
    }
