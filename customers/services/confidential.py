"""The only writer of confidential fields. It reads them to compare and to export, and shows nobody anything:
what an agent may see of them is `assurance.access` alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from customers.event_types import AdministrativeAddressReplaced
from customers.models.confidential import AccountConfidential
from events import outbox


@dataclass(frozen=True, slots=True)
class Confidential:
    tax_number: str = ""
    administrative_email: str = ""
    administrative_email_since: datetime | None = None


def on_file(account_ids: Collection[int]) -> dict[int, Confidential]:
    rows = AccountConfidential.objects.filter(account_id__in=account_ids)
    return {
        row.account_id: Confidential(row.tax_number, row.administrative_email, row.administrative_email_since)
        for row in rows
    }


def accounts_by_tax_number(numbers: Collection[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    rows = AccountConfidential.objects.filter(tax_number__in=[number for number in numbers if number])
    for number, account_id in rows.order_by("account_id").values_list("tax_number", "account_id"):
        found.setdefault(number, []).append(account_id)
    return found


def write(cards: Mapping[int, Confidential]) -> None:
    """Replaces what is on file of these accounts. The caller says since when a new address counts."""
    before = {row.account_id: row for row in AccountConfidential.objects.filter(account_id__in=cards)}
    AccountConfidential.objects.bulk_create(
        [
            AccountConfidential(
                account_id=account_id,
                tax_number=card.tax_number,
                administrative_email=card.administrative_email,
                administrative_email_since=card.administrative_email_since,
                administrative_email_before=_address_before(before.get(account_id), card),
            )
            for account_id, card in cards.items()
        ],
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=[
            "tax_number",
            "administrative_email",
            "administrative_email_since",
            "administrative_email_before",
        ],
    )


def record_replaced(
    before: Mapping[int, Confidential], after: Mapping[int, Confidential], *, by: str, now: datetime
) -> None:
    """Of each account whose administrative address is another now than one that was on file."""
    replaced = [
        AdministrativeAddressReplaced(account_id=account_id)
        for account_id, card in after.items()
        if (known := before.get(account_id)) and known.administrative_email not in ("", card.administrative_email)
    ]
    if replaced:
        outbox.record(*replaced, by=by, now=now)


def _address_before(row: AccountConfidential | None, card: Confidential) -> str:
    if row is None:
        return ""
    is_same = row.administrative_email == card.administrative_email
    return row.administrative_email_before if is_same else row.administrative_email


def change_administrative_email(account_id: int, email: str, *, now: datetime) -> None:
    """Of one account, from now on; what it was before stays on file."""
    card = on_file([account_id]).get(account_id, Confidential())
    write({account_id: Confidential(card.tax_number, email, now)})


def is_administrative(emails: Collection[str]) -> bool:
    """Whether one of these addresses decides for some account."""
    return AccountConfidential.objects.filter(administrative_email__in=emails).exists()


def forget_before(emails: Collection[str]) -> None:
    """As what an administrative address was before."""
    AccountConfidential.objects.filter(administrative_email_before__in=emails).update(administrative_email_before="")
