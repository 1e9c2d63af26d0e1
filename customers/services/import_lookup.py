"""What is on file about the lines of one batch: some eight statements for any number of lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service
from customers.policies.columns import ImportKind
from customers.policies.importing import MOVING_IN, AccountFound, OnFile, PersonFound, ServiceFound
from customers.services import confidential

Values = Mapping[str, Any]
Key = TypeVar("Key")


def look_up(kind: ImportKind, lines: Sequence[Values], *, now: datetime) -> OnFile:
    logins = {line["login"] for line in lines if "login" in line}
    numbers = {number for line in lines for number in line.get("contract", [])}
    numbers |= {line["number"] for line in lines if "number" in line}
    by_tax_number = confidential.accounts_by_tax_number({line["tax_number"] for line in lines if "tax_number" in line})
    by_login = {str(login): pk for login, pk in Account.objects.filter(login__in=logins).values_list("login", "pk")}
    by_contract = dict(Contract.objects.filter(number__in=numbers).values_list("number", "account_id"))
    ids = {*by_login.values(), *by_contract.values(), *(pk for same in by_tax_number.values() for pk in same)}
    return OnFile(
        accounts=_accounts(ids, now=now),
        by_login=by_login,
        by_contract=by_contract,
        by_tax_number=by_tax_number,
        people=_people(ids) if kind is ImportKind.CONTACTS else {},
        phones=_phones(ids) if kind is ImportKind.CONTACTS else {},
        services=_services(ids) if kind is ImportKind.SERVICES else {},
    )


def _grouped(pairs: Iterable[tuple[Key, Any]]) -> dict[Key, list[Any]]:
    found: dict[Key, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _accounts(ids: set[int], *, now: datetime) -> dict[int, AccountFound]:
    contracts = _grouped(Contract.objects.filter(account_id__in=ids).values_list("account_id", "number"))
    owners = set(ContactRole.objects.filter(account_id__in=ids, role="owner").values_list("account_id", flat=True))
    secret = confidential.on_file(ids)
    return {
        account.pk: AccountFound(
            account.pk,
            login=account.login or "",
            kind=account.kind,
            name=account.name,
            language=account.language,
            customer_since=account.customer_since.isoformat() if account.customer_since else "",
            contracts=frozenset(contracts.get(account.pk, ())),
            tax_number=secret[account.pk].tax_number if account.pk in secret else "",
            administrative_email=secret[account.pk].administrative_email if account.pk in secret else "",
            is_moving_in=now - account.created_at < MOVING_IN,
            has_owner=account.pk in owners,
        )
        for account in Account.objects.filter(pk__in=ids)
    }


def _people(ids: set[int]) -> dict[int, list[PersonFound]]:
    emails = ContactPoint.objects.filter(account_id__in=ids, kind="email").exclude(contact=None)
    points = _grouped(((a, c), value) for a, c, value in emails.values_list("account_id", "contact_id", "value"))
    roles = _grouped(
        ((a, c), role)
        for a, c, role in ContactRole.objects.filter(account_id__in=ids).values_list("account_id", "contact_id", "role")
    )
    contacts = Contact.objects.in_bulk({contact_id for _, contact_id in points})
    names = ("surname", "given_name", "patronymic", "salutation", "language")
    return _grouped(
        (
            account_id,
            PersonFound(
                contact_id,
                fields={name: getattr(contacts[contact_id], name) for name in names},
                roles=frozenset(roles.get((account_id, contact_id), ())),
                emails=frozenset(values),
            ),
        )
        for (account_id, contact_id), values in points.items()
    )


def _phones(ids: set[int]) -> dict[int, frozenset[str]]:
    points = ContactPoint.objects.filter(account_id__in=ids, kind="phone").values_list("account_id", "value")
    return {account_id: frozenset(values) for account_id, values in _grouped(points).items()}


def _services(ids: set[int]) -> dict[int, list[ServiceFound]]:
    return _grouped(
        (
            service.account_id,
            ServiceFound(
                service.pk,
                service.kind,
                service.name,
                service.domain,
                service.paid_until.isoformat() if service.paid_until else "",
                service.is_working,
            ),
        )
        for service in Service.objects.filter(account_id__in=ids).order_by("id")
    )
