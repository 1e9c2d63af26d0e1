"""What the provider's own system puts on file: accounts, contacts and services under the names it gives them.

Pushing the same again changes nothing and records nothing. What is on file already, from an import or by hand, is
taken over when login, contract, address or domain say that it is the same and no other name was given to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from customers.event_types import CustomerPushed
from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, Service
from customers.policies.importing import MOVING_IN
from customers.services import confidential
from events import outbox

OWNER = "owner"


class Refused(Exception):
    """`code` says why, `pointer` which field (JSON Pointer)."""

    def __init__(self, code: str, pointer: str) -> None:
        super().__init__(code)
        self.code, self.pointer = code, pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPush:
    external_id: str
    kind: str
    name: str
    login: str = ""  # lower case
    contracts: Sequence[str] = ()  # as `identity.contract_number` writes them
    language: str = ""
    customer_since: date | None = None
    tax_number: str = ""  # "" leaves what is on file
    administrative_email: str = ""  # normal form; "" leaves what is on file


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPush:
    """All roles and addresses of this person: what is not named is taken away."""

    external_id: str
    surname: str = ""
    given_name: str = ""
    patronymic: str = ""
    salutation: str = ""
    language: str = ""
    roles: Sequence[tuple[str, str]] = ()  # (external id of the account, role)
    emails: Sequence[str] = ()  # normal form
    phones: Sequence[tuple[str, str]] = ()  # (E.164, as written)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePush:
    external_id: str
    account: str  # its external id
    kind: str
    name: str
    domain: str = ""  # A-label
    paid_until: date | None = None
    is_working: bool = True


def put_account(push: AccountPush, *, by: str, now: datetime) -> bool:
    """Whether it is new. Refused: login_taken, contract_taken."""
    try:
        with transaction.atomic():
            return _put_account(push, by=by, now=now)
    except IntegrityError:  # two pushes at the same moment
        raise Refused("at_the_same_moment", "") from None


def _put_account(push: AccountPush, *, by: str, now: datetime) -> bool:
    row = _account_of(push)
    is_new = row is None
    row = row or Account(created_at=now)
    fields = _set(row, external_id=push.external_id, kind=push.kind, name=push.name, login=push.login or None,
                  language=push.language, customer_since=push.customer_since)  # fmt: skip
    if fields:
        row.save()
    numbers = set(row.contracts.values_list("number", flat=True))
    if numbers != set(push.contracts):
        row.contracts.exclude(number__in=push.contracts).delete()
        Contract.objects.bulk_create(
            Contract(account=row, number=number) for number in dict.fromkeys(push.contracts) if number not in numbers
        )
        fields.append("contracts")
    fields += _put_confidential(row.pk, push, by=by, now=now)
    _record(row.pk, "account", row.pk, is_new, fields, by=by, now=now)
    return is_new


def _account_of(push: AccountPush) -> Account | None:
    locked = Account.objects.select_for_update(of=("self",))
    row = locked.filter(external_id=push.external_id).first()
    with_login = locked.filter(login=push.login).first() if push.login else None
    if with_login and with_login != row and (row or with_login.external_id is not None):
        raise Refused("login_taken", "/login")
    row = row or with_login
    for place, number in enumerate(push.contracts):
        owner = locked.filter(contracts__number=number).first()
        if owner and owner != row and (row or owner.external_id is not None):
            raise Refused("contract_taken", f"/contracts/{place}")
        row = row or owner
    return row


def _put_confidential(account_id: int, push: AccountPush, *, by: str, now: datetime) -> list[str]:
    before = confidential.on_file([account_id]).get(account_id, confidential.Confidential())
    after = replace(
        before,
        tax_number=push.tax_number or before.tax_number,
        administrative_email=push.administrative_email or before.administrative_email,
    )
    if after.administrative_email != before.administrative_email:
        after = replace(after, administrative_email_since=now)  # a new address is weak, whoever says it
    if after == before:
        return []
    confidential.write({account_id: after})
    confidential.record_replaced({account_id: before}, {account_id: after}, by=by, now=now)
    return [name for name in ("tax_number", "administrative_email") if getattr(after, name) != getattr(before, name)]


def put_contact(push: ContactPush, *, by: str, now: datetime) -> bool:
    """Whether it is new. Refused: no_such_account, owner_is_critical, several_people, address_of_another."""
    try:
        with transaction.atomic():
            return _put_contact(push, by=by, now=now)
    except IntegrityError:
        raise Refused("at_the_same_moment", "") from None


def _put_contact(push: ContactPush, *, by: str, now: datetime) -> bool:
    accounts = _accounts_of(push)
    row = Contact.objects.select_for_update(of=("self",)).filter(external_id=push.external_id).first()
    row = row or _known_by_address(push, accounts)
    is_new = row is None
    row = row or Contact()
    fields = _set(row, external_id=push.external_id, surname=push.surname, given_name=push.given_name,
                  patronymic=push.patronymic, salutation=push.salutation, language=push.language)  # fmt: skip
    if fields:
        row.save()
    ids = {account.pk for account in accounts.values()}
    before = set(row.roles.values_list("account_id", flat=True)) if not is_new else set()
    fields += _put_roles(row, {(accounts[name].pk, role) for name, role in push.roles}, now=now)
    fields += _put_points(row, ids, push, now=now)
    for account_id in sorted(ids | before):
        _record(account_id, "contact", row.pk, is_new, fields, by=by, now=now)
    return is_new


def _accounts_of(push: ContactPush) -> dict[str, Account]:
    names = sorted({name for name, _ in push.roles})
    found = {a.external_id: a for a in Account.objects.select_for_update().filter(external_id__in=names).order_by("id")}
    for place, (name, _) in enumerate(push.roles):
        if name not in found:
            raise Refused("no_such_account", f"/roles/{place}/account")
    return {name: found[name] for name in names}


def _known_by_address(push: ContactPush, accounts: dict[str, Account]) -> Contact | None:
    same = Contact.objects.filter(
        external_id=None, points__kind="email", points__value__in=push.emails, points__account__in=accounts.values()
    )
    people = list(same.distinct()[:2])
    if len(people) > 1:
        raise Refused("several_people", "/emails")
    return people[0] if people else None


def _put_roles(row: Contact, wanted: set[tuple[int, str]], *, now: datetime) -> list[str]:
    held = set(row.roles.values_list("account_id", "role"))
    changed = held ^ wanted
    for account_id in sorted({account_id for account_id, role in changed if role == OWNER}):
        # A change of the owner is a critical action of the strongest level, and a program proves no such thing.
        owners = ContactRole.objects.filter(account_id=account_id, role=OWNER).select_related("account")
        if any(now - owner.account.created_at > MOVING_IN for owner in owners):
            raise Refused("owner_is_critical", "/roles")
    for account_id, role in held - wanted:
        row.roles.filter(account_id=account_id, role=role).delete()
    ContactRole.objects.bulk_create(ContactRole(contact=row, account_id=a, role=role) for a, role in wanted - held)
    return ["roles"] if changed else []


def _put_points(row: Contact, account_ids: set[int], push: ContactPush, *, now: datetime) -> list[str]:
    """What is new counts as on file from now on; what stays keeps its age."""
    wanted = {(a, "email", value): "" for a in account_ids for value in push.emails}
    wanted |= {(a, "phone", value): literal for a in account_ids for value, literal in push.phones}
    held = set(row.points.values_list("account_id", "kind", "value"))
    for account_id, kind, value in held - wanted.keys():
        row.points.filter(account_id=account_id, kind=kind, value=value).delete()
    new = [place for place in wanted if place not in held]
    of_others = ContactPoint.objects.filter(account_id__in=account_ids, value__in=[value for _, _, value in new])
    for place in of_others.values_list("account_id", "kind", "value"):
        if place in new and place[1] == "email":
            raise Refused("address_of_another", f"/emails/{list(push.emails).index(place[2])}")
        wanted.pop(place, None)  # two colleagues of one office have one number: it stays with the first
    new = [place for place in new if place in wanted]
    ContactPoint.objects.bulk_create(
        [
            ContactPoint(contact=row, account_id=a, kind=kind, value=value, literal=wanted[a, kind, value],
                         on_file_since=now)
            for a, kind, value in new
        ]
    )  # fmt: skip
    return [f"{kind}s" for kind in ("email", "phone") if any(kind in place for place in held ^ wanted.keys())]


def put_service(push: ServicePush, *, by: str, now: datetime) -> bool:
    """Whether it is new. Refused: no_such_account."""
    try:
        with transaction.atomic():
            return _put_service(push, by=by, now=now)
    except IntegrityError:
        raise Refused("at_the_same_moment", "") from None


def _put_service(push: ServicePush, *, by: str, now: datetime) -> bool:
    account = Account.objects.filter(external_id=push.account).first()
    if account is None:
        raise Refused("no_such_account", "/account")
    locked = Service.objects.select_for_update(of=("self",))
    row = locked.filter(external_id=push.external_id).first()
    if row is None:
        same = locked.filter(external_id=None, account=account, kind=push.kind, name=push.name, domain=push.domain)
        row = same.order_by("id").first()
    is_new = row is None
    row = row or Service()
    fields = _set(row, external_id=push.external_id, account_id=account.pk, kind=push.kind, name=push.name,
                  domain=push.domain, paid_until=push.paid_until, is_working=push.is_working)  # fmt: skip
    if fields:
        row.save()
    _record(account.pk, "service", row.pk, is_new, fields, by=by, now=now)
    return is_new


def _set(row: Account | Contact | Service, **values: object) -> list[str]:
    """The names of what is different now."""
    changed = [name for name, value in values.items() if row.pk is None or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _record(
    account_id: int, what: str, target_id: int, is_new: bool, fields: Sequence[str], *, by: str, now: datetime
) -> None:
    if fields:
        pushed = CustomerPushed(
            account_id=account_id, what=what, target_id=target_id, is_new=is_new, fields=tuple(fields)
        )
        outbox.record(pushed, by=by, now=now)
