"""Recovery codes: ten, each good once in place of a factor that is lost: at the door, and to add a new factor.

They never decide about an account and never stand in for a fresh factor. Only keyed digests are kept, so that a copy of
the table gives nothing to guess from.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from core import limits
from core.limits import Limit
from core.models import key
from core.sealed import Secret
from events import outbox
from users import app_codes, second_factor
from users.event_types import FactorChanged
from users.models import RecoveryCode, User
from users.second_factor import Refused

COUNT = 10
FEW = 3  # so many left, or fewer, are worth a word
LETTERS = 16  # of 32: 80 bits
TRIES = (Limit("recovery codes", 5, timedelta(minutes=15)), Limit("recovery codes of a day", 10, timedelta(days=1)))
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


def left(user: User) -> int | None:
    """How many may still be used; None where none were ever made. One query."""
    used = list(RecoveryCode.objects.filter(user=user).values_list("used_at", flat=True))
    return used.count(None) if used else None


@transaction.atomic
def make(user: User, *, person: str, now: datetime) -> list[Secret]:
    """Ten new ones, to be shown this once; those before open nothing any more. Refused: no_factor."""
    User.objects.select_for_update().get(pk=user.pk)
    if not second_factor.of_user(user):
        raise Refused("no_factor")
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(LETTERS)) for _ in range(COUNT)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code), made_at=now) for code in codes)
    outbox.record(FactorChanged(person=person, what="codes_made"), by=person, now=now)
    return [Secret("-".join(code[place : place + 4] for place in range(0, LETTERS, 4))) for code in codes]


def use(user: User, typed: str, *, person: str, now: datetime) -> int:
    """How many are left after it. Every try is counted, a right one too. Refused: too_many_tries, wrong_code."""
    if limits.take(*((limit, str(user.pk)) for limit in TRIES), now=now):
        raise Refused("too_many_tries")
    given = "".join(sign for sign in typed.upper() if sign.isalnum())
    with transaction.atomic():
        found = RecoveryCode.objects.filter(user=user, used_at=None, digest=_digest(given))
        if found.update(used_at=now) != 1:
            raise Refused("wrong_code")
        remaining = RecoveryCode.objects.filter(user=user, used_at=None).count()
        app_codes.open_again(user, person=person, by=person, now=now)
        outbox.record(FactorChanged(person=person, what="code_used", left=remaining), by=person, now=now)
    return remaining


def _digest(code: str) -> str:
    return hmac.digest(key("recovery codes"), code.encode(), hashlib.sha256).hex()
