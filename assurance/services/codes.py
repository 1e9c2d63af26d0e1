"""Codes that two who talk read to each other. The one who types never sees the right one."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from assurance.models import FailedProof, SpokenCode
from core.models import key

LIVES = timedelta(minutes=10)
DESK_LIVES = timedelta(hours=1)
MOST_FAILURES = 3  # of an account within a day, whatever codes were made since; then only a call back is left
_DAY = timedelta(days=1)
_DIGITS = 8


def make_for_customer(account_id: int, *, contact_id: int, now: datetime) -> str:
    """Eight digits for a signed-in customer to read to us; they replace those before. Shown once, kept as a digest."""
    SpokenCode.objects.filter(account_id=account_id, contact_id=contact_id, purpose="customer", used_at=None).update(
        expires_at=now
    )
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    SpokenCode.objects.create(
        purpose="customer",
        account_id=account_id,
        contact_id=contact_id,
        digest=_digest(account_id, code),
        made_at=now,
        expires_at=now + LIVES,
    )
    return code


def make_for_desk(account_id: int, *, staff_id: int, ticket_id: int, now: datetime) -> str:
    """Six digits by which a customer checks in the panel that it is us who call or write."""
    code = f"{secrets.randbelow(10**6):06d}"
    SpokenCode.objects.create(
        purpose="desk",
        account_id=account_id,
        staff_id=staff_id,
        ticket_id=ticket_id,
        digest=_digest(account_id, code),
        made_at=now,
        expires_at=now + DESK_LIVES,
    )
    return code


def is_barred(account_id: int, *, kind: str, now: datetime) -> bool:
    return FailedProof.objects.filter(account_id=account_id, kind=kind, at__gt=now - _DAY).count() >= MOST_FAILURES


def use_customers(account_id: int, typed: str, *, ticket_id: int, now: datetime) -> SpokenCode | None:
    """The code if it is right, used up by it; None and one failure more if not. In the caller's transaction."""
    found = _live(account_id, typed, "customer", now=now)
    if (
        found is None
        or SpokenCode.objects.filter(pk=found.pk, used_at=None).update(used_at=now, ticket_id=ticket_id) != 1
    ):
        FailedProof.objects.create(account_id=account_id, kind="spoken_code", at=now)
        return None
    return found


def check_desks(account_id: int, typed: str, *, now: datetime) -> SpokenCode | None:
    """Whose code it is: its colleague and ticket. It may be asked again while it lives; a wrong one counts."""
    found = _live(account_id, typed, "desk", now=now)
    if found is None:
        FailedProof.objects.create(account_id=account_id, kind="desk_code", at=now)
    return found


def _live(account_id: int, typed: str, purpose: str, *, now: datetime) -> SpokenCode | None:
    digits = "".join(filter(str.isdigit, typed))
    live = SpokenCode.objects.filter(account_id=account_id, purpose=purpose, used_at=None, expires_at__gt=now)
    return live.select_related("staff", "ticket").filter(digest=_digest(account_id, digits)).first()


def _digest(account_id: int, code: str) -> str:
    return hmac.digest(key("spoken-codes"), f"{account_id}:{code}".encode(), hashlib.sha256).hex()
