"""Reads about customers for the rooms above. Nothing confidential passes here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from customers.models import ContactPoint
from customers.policies.identity import Claim, ClaimKind


@dataclass(frozen=True, slots=True)
class KnownSender:
    """A contact on file with this address. Several rows mean several people or accounts share it."""

    contact_id: int | None
    account_id: int
    account_login: str | None
    language: str
    salutation: str
    on_file_since: datetime


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
