"""The account card as this ticket's level opens it: what is not here cannot leak."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from assurance.policies.disclosure import OPENS_AT, Guarded
from core.trust import FieldClass, Level
from customers.models.confidential import AccountConfidential
from staff.actor import Actor
from staff.roles import Perm

# what the card has -> its class
FIELDS = {
    "name": FieldClass.GENERAL,
    "customer_since": FieldClass.GENERAL,
    "login": FieldClass.PERSONAL,
    "contracts": FieldClass.PERSONAL,
    "services": FieldClass.PERSONAL,
    "contacts": FieldClass.CONFIDENTIAL,
    "administrative_address": FieldClass.CONFIDENTIAL,
    "tax_number": FieldClass.CONFIDENTIAL,
}


@dataclass(frozen=True, slots=True)
class ServiceView:
    name: str
    kind: str
    domain: str
    paid_until: date | None
    is_working: bool


@dataclass(frozen=True, slots=True)
class ContactView:
    name: str  # "" of addresses and numbers that are nobody's
    roles: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountCard:
    """`None` or an empty list means: closed at this level, see `closed` for the level that opens it."""

    account_id: int
    name: str
    customer_since: date | None
    login: str | None = None
    contracts: tuple[str, ...] = ()
    services: tuple[ServiceView, ...] = ()
    contacts: tuple[ContactView, ...] = ()
    administrative_address: str | None = None
    tax_number: str | None = None
    closed: tuple[tuple[str, int], ...] = ()  # (field, level needed)
    shows_confidential: bool = False  # whoever is shown it stands in the view log


_GENERAL = "SELECT name, customer_since FROM customers_account WHERE id = %(account)s"
_PERSONAL = """
    SELECT name, customer_since, login,
        ARRAY(SELECT number FROM customers_contract WHERE account_id = account.id ORDER BY id),
        ARRAY(
            SELECT json_build_array(name, kind, domain, paid_until, is_working)
            FROM customers_service WHERE account_id = account.id ORDER BY id LIMIT 20)
    FROM customers_account AS account WHERE id = %(account)s"""
_CONFIDENTIAL = f"""
    WITH points AS (
        SELECT id, contact_id, coalesce(nullif(literal, ''), value) AS shown
        FROM customers_contactpoint WHERE account_id = %(account)s ORDER BY id LIMIT 100),
    roles AS (SELECT contact_id, role FROM customers_contactrole WHERE account_id = %(account)s LIMIT 100)
    SELECT personal.*, ARRAY(
            SELECT json_build_array(concat_ws(' ', nullif(given_name, ''), nullif(surname, '')),
                ARRAY(SELECT role FROM roles WHERE contact_id = who.id ORDER BY role),
                ARRAY(SELECT shown FROM points WHERE contact_id IS NOT DISTINCT FROM who.id ORDER BY points.id))
            FROM (SELECT contact_id AS id FROM roles UNION SELECT contact_id FROM points) AS who
            LEFT JOIN customers_contact AS contact ON contact.id = who.id ORDER BY who.id LIMIT 20),
        coalesce(administrative_email, ''), coalesce(tax_number, '')
    FROM ({_PERSONAL}) AS personal
    LEFT JOIN customers_accountconfidential AS secret ON secret.account_id = %(account)s"""  # noqa: S608 - of constants alone


def _service(name: str, kind: str, domain: str, paid_until: str | None, is_working: bool) -> ServiceView:
    return ServiceView(name, kind, domain, date.fromisoformat(paid_until) if paid_until else None, is_working)


def card(actor: Actor, account_id: int, *, level: Level) -> AccountCard | None:
    """Nothing for people who may not see tickets. One query."""
    if not actor.may(Perm.SEE_TICKETS):
        return None
    is_personal_open = level >= OPENS_AT[FieldClass.PERSONAL]
    is_confidential_open = level >= OPENS_AT[FieldClass.CONFIDENTIAL]
    statement = _CONFIDENTIAL if is_confidential_open else _PERSONAL if is_personal_open else _GENERAL
    with connection.cursor() as cursor:
        cursor.execute(statement, {"account": account_id})
        found = cursor.fetchone()
    if found is None:
        return None
    closed = tuple((name, int(OPENS_AT[kind])) for name, kind in FIELDS.items() if level < OPENS_AT[kind])
    if not is_personal_open:
        return AccountCard(account_id, name=found[0], customer_since=found[1], closed=closed)
    name, customer_since, login, contracts, services = found[:5]
    contacts, administrative_address, tax_number = found[5:] if is_confidential_open else ((), None, None)
    return AccountCard(
        account_id,
        name,
        customer_since,
        login=login,
        contracts=tuple(contracts),
        services=tuple(_service(*values) for values in services),
        contacts=tuple(ContactView(who, tuple(roles), tuple(points)) for who, roles, points in contacts),
        administrative_address=administrative_address,
        tax_number=tax_number,
        closed=closed,
        shows_confidential=is_confidential_open,
    )


_GUARDED = """
    SELECT 'login', login FROM customers_account WHERE id = %(account)s
    UNION SELECT 'contracts', number FROM customers_contract WHERE account_id = %(account)s
    UNION SELECT 'contacts', value FROM customers_contactpoint WHERE account_id = %(account)s
    UNION SELECT 'tax_number', tax_number FROM customers_accountconfidential WHERE account_id = %(account)s
    UNION SELECT 'administrative_address', unnest(ARRAY[administrative_email, administrative_email_before])
    FROM customers_accountconfidential WHERE account_id = %(account)s"""


def guarded(account_id: int) -> tuple[Guarded, ...]:
    """What a letter must not name before its reader has proved enough. To compare with, never to show. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_GUARDED, {"account": account_id})
        return tuple(Guarded(field, value) for field, value in cursor.fetchall() if value)


@dataclass(frozen=True, slots=True)
class AdministrativeAddress:
    """To write to, never to show."""

    email: str
    since: datetime | None
    before: str  # the one it replaced, "" if none


def administrative_address(account_id: int) -> AdministrativeAddress | None:
    """Where questions about an account go; None where none is on file. One query."""
    row = AccountConfidential.objects.filter(account_id=account_id).first()
    if row is None or not row.administrative_email:
        return None
    return AdministrativeAddress(
        row.administrative_email, row.administrative_email_since, row.administrative_email_before
    )
