"""Reads about customers for the rooms above. Nothing confidential passes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from customers.models import ContactPoint
from customers.policies.identity import Claim, ClaimKind, Match, weigh


@dataclass(frozen=True, slots=True)
class KnownSender:
    """A contact on file with this address. Several rows mean several people or accounts share it."""

    contact_id: int | None
    account_id: int
    account_login: str | None
    language: str
    salutation: str
    on_file_since: datetime


def known_senders(email: str) -> list[KnownSender]:
    """Everybody on file under this normalised address. One query."""
    if not email:
        return []
    points = ContactPoint.objects.filter(kind="email", value=email).select_related("contact", "account")
    return [
        KnownSender(
            contact_id=point.contact_id,
            account_id=point.account_id,
            account_login=point.account.login,
            language=(point.contact.language if point.contact else "") or point.account.language,
            salutation=point.contact.salutation if point.contact else "",
            on_file_since=point.on_file_since,
        )
        for point in points[:20]
    ]


_MATCH = """
    SELECT 'contract', number, account_id FROM customers_contract WHERE number = ANY(%(contract)s)
    UNION ALL SELECT 'login', login, id FROM customers_account WHERE login = ANY(%(login)s)
    UNION ALL SELECT 'domain', domain, account_id FROM customers_service WHERE domain = ANY(%(domain)s)"""


def match(
    claims: Sequence[Claim], *, senders: Sequence[KnownSender], ticket_accounts: dict[str, int], sender_email: str
) -> tuple[Match, ...]:
    """Accounts the claims point to. One query; `ticket_accounts` maps earlier ticket numbers to their accounts."""
    by_key = {(claim.kind, claim.value): claim for claim in claims}
    hits: list[tuple[Claim, int]] = []
    email = by_key.get((ClaimKind.EMAIL, sender_email))
    if email is not None:
        hits += [(email, sender.account_id) for sender in senders]
    hits += [
        (by_key[ClaimKind.TICKET, number], account_id)
        for number, account_id in ticket_accounts.items()
        if (ClaimKind.TICKET, number) in by_key
    ]
    wanted = {
        kind.value: [claim.value for claim in claims if claim.kind is kind]
        for kind in (ClaimKind.CONTRACT, ClaimKind.LOGIN, ClaimKind.DOMAIN)
    }
    if any(wanted.values()):
        with connection.cursor() as cursor:
            cursor.execute(_MATCH, wanted)
            hits += [(by_key[ClaimKind(kind), value], account_id) for kind, value, account_id in cursor.fetchall()]
    return weigh(hits, sender_email=sender_email)
