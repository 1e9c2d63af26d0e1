"""Reads about customers for the rooms above. Nothing confidential passes here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from core.normal_forms import normal_domain, normal_form
from core.phones import Phone, numbers_in
from customers.actor import Customer
from customers.models import Account, Contact, ContactPoint
from customers.policies.identity import Claim, ClaimKind, contract_number


@dataclass(frozen=True, slots=True)
class KnownSender:
    """A contact on file with this address. Several rows mean several people or accounts share it."""

    contact_id: int | None
    account_id: int
    account_login: str | None
    language: str
    salutation: str
    on_file_since: datetime


def is_anybody_on_file() -> bool:
    return Account.objects.exists()


def known_senders(emails: Collection[str]) -> dict[str, list[KnownSender]]:
    """Everybody on file under these normalised addresses. One query; addresses nobody has are absent."""
    found: dict[str, list[KnownSender]] = {}
    points = ContactPoint.objects.filter(kind="email", value__in=[email for email in emails if email])
    for point in points.select_related("contact", "account").order_by("id"):
        found.setdefault(point.value, []).append(
            KnownSender(
                contact_id=point.contact_id,
                account_id=point.account_id,
                account_login=point.account.login,
                language=(point.contact.language if point.contact else "") or point.account.language,
                salutation=point.contact.salutation if point.contact else "",
                on_file_since=point.on_file_since,
            )
        )
    return found


def customer_of(user_id: int) -> Customer | None:
    """The contact who signs in as this user. Two queries."""
    return _customer(Contact.objects.filter(user_id=user_id))


def customer_at(contact_id: int) -> Customer | None:
    """The contact of this id. Two queries."""
    return _customer(Contact.objects.filter(pk=contact_id))


def _customer(contacts: QuerySet[Contact]) -> Customer | None:
    contact = contacts.select_related("user").first()
    if contact is None:
        return None
    roles: dict[int, set[str]] = {}
    for account_id, role in contact.roles.order_by("account_id").values_list("account_id", "role"):
        roles.setdefault(account_id, set()).add(role)
    return Customer(
        contact_id=contact.pk,
        name=contact.name,
        email=contact.user.email if contact.user else "",
        roles={account: frozenset(names) for account, names in roles.items()},
        user_id=contact.user_id,
        language=contact.language,
    )


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody on file with an address to write to, in one account."""

    point_id: int
    email: str
    contact_id: int | None
    name: str
    account_id: int
    account_name: str
    language: str

    @property
    def hint(self) -> str:
        """The address for whoever chooses among several: what is on file is written to, not read out."""
        local, _at, domain = self.email.partition("@")
        return f"{local[:1]}•••@{domain}"


def reachable(text: str, *, limit: int = 20) -> list[Reachable]:
    """Whom an address, a login or a contract number leads to. One query."""
    named = text.strip()
    points = ContactPoint.objects.filter(
        Q(value=named.lower()) | Q(account__login__iexact=named) | Q(account__contracts__number__iexact=named),
        kind="email",
    )
    return [
        Reachable(
            point.pk,
            point.value,
            point.contact_id,
            point.contact.name if point.contact else "",
            point.account_id,
            point.account.name,
            (point.contact.language if point.contact else "") or point.account.language,
        )
        for point in points.select_related("contact", "account").order_by("id").distinct()[:limit]
    ]


_NAMED = """
    SELECT 'contract', number, account_id FROM customers_contract WHERE number = ANY(%(contract)s)
    UNION ALL SELECT 'login', login, id FROM customers_account WHERE login = ANY(%(login)s)
    UNION ALL SELECT 'domain', domain, account_id FROM customers_service WHERE domain = ANY(%(domain)s)"""


def accounts_named(claims: Iterable[Claim]) -> dict[tuple[ClaimKind, str], list[int]]:
    """The accounts that contracts, logins and domains belong to, by (kind, value). One query for any number."""
    wanted: dict[str, list[str]] = {"contract": [], "login": [], "domain": []}
    for claim in claims:
        if claim.kind in wanted:
            wanted[claim.kind].append(claim.value)
    found: dict[tuple[ClaimKind, str], list[int]] = {}
    if any(wanted.values()):
        with connection.cursor() as cursor:
            cursor.execute(_NAMED, wanted)
            for kind, value, account_id in cursor.fetchall():
                found.setdefault((ClaimKind(kind), value), []).append(account_id)
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a search may mean: an account or a person on file of it."""

    public_id: str  # of the account
    account: str
    person: str
    login: str
    is_exact: bool  # a login, contract, domain, address or number was typed whole, no part of a name
    contact: str = ""  # the public id of the person, "" of an account alone


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody on file whom another says to be: an account, and a person of it where one was chosen."""

    account_id: int
    account_name: str
    contact_id: int | None
    name: str
    language: str


def caller_at(account: str, contact: str) -> Caller | None:
    """By public ids, `contact` may be "". None where the person has nothing to do with the account. Two queries."""
    found = Account.objects.filter(public_id=account).first()
    if found is None:
        return None
    if not contact:
        return Caller(found.pk, found.name, None, "", found.language)
    of_account = Q(roles__account=found) | Q(points__account=found)
    person = Contact.objects.filter(of_account, public_id=contact).first()
    if person is None:
        return None
    return Caller(found.pk, found.name, person.pk, person.name, person.language or found.language)


def email_of(account_id: int | None, contact_id: int | None) -> str:
    """The address on file of a person in an account; "" where there is none. One query at most."""
    if account_id is None or contact_id is None:
        return ""
    points = ContactPoint.objects.filter(account_id=account_id, contact_id=contact_id, kind="email")
    return points.order_by("id").values_list("value", flat=True).first() or ""


def phones_of(account_id: int | None, contact_id: int | None, *, since: datetime) -> set[str]:
    """His numbers on file there at least since then. One query at most."""
    if account_id is None or contact_id is None:
        return set()
    points = ContactPoint.objects.filter(account_id=account_id, contact_id=contact_id, kind="phone")
    return set(points.filter(on_file_since__lte=since).values_list("value", flat=True))


MOST_NUMBERS = 10


def numbers_of(account_id: int) -> tuple[tuple[int, str], ...]:
    """The telephone numbers on file of it, those first that have been there longest: (point, number). One query."""
    points = ContactPoint.objects.filter(account_id=account_id, kind="phone").order_by("on_file_since", "id")
    return tuple(points.values_list("pk", "value")[:MOST_NUMBERS])


def phone_of(text: str) -> Phone:
    """The first number of what was typed, as the office dials; without a normal form where it is none."""
    found = numbers_in(text, region=settings.PHONE_REGION, area_code=settings.PHONE_AREA_CODE)
    return found[0] if found else Phone("")


MOST_NAMED = 8
_NAMES = "upper(surname || ' ' || given_name || ' ' || patronymic)"
_FIND = f"""
    WITH exact AS (
        SELECT account_id, NULL::bigint AS contact_id FROM customers_contract WHERE number = ANY(%(codes)s)
        UNION SELECT id, NULL FROM customers_account WHERE login = ANY(%(logins)s)
        UNION SELECT account_id, NULL FROM customers_service WHERE domain = ANY(%(domains)s)
        UNION SELECT account_id, contact_id FROM customers_contactpoint
            WHERE (kind = 'email' AND value = ANY(%(emails)s)) OR (kind = 'phone' AND value = ANY(%(phones)s))
    ), named AS (
        (SELECT id AS account_id, NULL::bigint AS contact_id FROM customers_account
            WHERE upper(name) LIKE ALL(%(parts)s::text[]) AND cardinality(%(parts)s::text[]) > 0 LIMIT %(most)s)
        UNION (SELECT part.account_id, contact.id FROM customers_contact AS contact CROSS JOIN LATERAL (
                SELECT account_id FROM customers_contactrole WHERE contact_id = contact.id
                UNION SELECT account_id FROM customers_contactpoint WHERE contact_id = contact.id
            ) AS part WHERE {_NAMES} LIKE ALL(%(parts)s::text[]) AND cardinality(%(parts)s::text[]) > 0 LIMIT %(most)s)
    )
    SELECT account.public_id::text, account.name, concat_ws(' ', given_name, surname), coalesce(login, ''), is_exact,
        coalesce(contact.public_id::text, '')
    FROM (SELECT *, true AS is_exact FROM exact UNION ALL SELECT *, false FROM named) AS found
    JOIN customers_account AS account ON account.id = account_id
    LEFT JOIN customers_contact AS contact ON contact.id = contact_id
    ORDER BY is_exact DESC, account.name, 3 LIMIT %(most)s"""  # noqa: S608  our own words only


def find_named(
    *,
    emails: Collection[str] = (),
    domains: Collection[str] = (),
    codes: Collection[str] = (),
    phone: str = "",
    names: Collection[str] = (),
) -> list[Named]:
    """Accounts and people on file under what was typed. Names match by any part of three letters or more.
    One query.
    """
    parts = ["%" + name.upper().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%" for name in names]
    typed = numbers_in(phone, region=settings.PHONE_REGION, area_code=settings.PHONE_AREA_CODE)
    values: dict[str, Any] = {
        "emails": list(filter(None, map(normal_form, emails))),
        "domains": list(filter(None, map(normal_domain, domains))),
        "codes": [contract_number(code) for code in codes],
        "logins": [code.lower() for code in codes],
        "phones": [found.number for found in typed if found.number],
        "parts": parts,
        "most": MOST_NAMED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        found = [Named(*row) for row in cursor.fetchall()]
    with_person = {each.public_id for each in found if each.person}
    return [each for each in found if each.person or each.public_id not in with_person]
