"""The status page's door: a number and an address are typed, a code is mailed to the address, entering it opens.

Asking looks nothing up, so its answer and its time are the same whatever exists. The look is in `code_for`,
which a worker calls when the page was answered long ago.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from channels_app.event_types import VisitAsked
from channels_app.models import Visit
from core.models import key
from core.trust import Fact, FactKind
from events import outbox
from staff.actor import REQUESTER
from tickets.queries.customer import is_requesters

CODE_LASTS = timedelta(minutes=10)
VISIT_LASTS = timedelta(minutes=30)
MOST_TRIES = 5
DIGITS = 6


@transaction.atomic
def ask(number: str, email: str, *, language: str, now: datetime) -> UUID:
    """`number` is nine digits, `email` in its normal form. Returns what the visitor's session must remember."""
    visit = Visit.objects.create(number=number, email=email, language=language, asked_at=now)
    outbox.record(VisitAsked(visit_id=visit.pk), by=REQUESTER.key, now=now)
    return visit.public_id


def code_for(visit_id: int, *, now: datetime) -> tuple[str, Visit] | None:
    """A fresh code and whose it is, if that ticket is there for that address; only its digest stays."""
    visit = Visit.objects.filter(pk=visit_id, opened_at=None, asked_at__gt=now - CODE_LASTS).first()
    if visit is None or not is_requesters(visit.number, visit.email):
        return None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    Visit.objects.filter(pk=visit.pk).update(code_digest=_digest(visit, code), code_until=now + CODE_LASTS)
    return code, visit


def enter(public_id: UUID, code: str, *, now: datetime) -> bool:
    """Whether it was the code of this visit. A try is counted before it is looked at; five are all there are."""
    tried = Visit.objects.filter(public_id=public_id, opened_at=None, tries__lt=MOST_TRIES)
    if not tried.update(tries=F("tries") + 1):
        return False
    visit = Visit.objects.get(public_id=public_id)
    is_right = hmac.compare_digest(_digest(visit, "".join(code.split())), visit.code_digest)
    unused = Visit.objects.filter(pk=visit.pk, opened_at=None, code_until__gt=now).exclude(code_digest="")
    return is_right and bool(unused.update(opened_at=now, code_digest=""))


def asked(public_id: UUID, *, now: datetime) -> Visit | None:
    """A visit that may still be opened or is open."""
    visit = Visit.objects.filter(public_id=public_id).first()
    if visit is None:
        return None
    ends_at = visit.opened_at + VISIT_LASTS if visit.opened_at else visit.asked_at + VISIT_LASTS
    return visit if now < ends_at else None


def proof(visit: Visit) -> Fact:
    return Fact(FactKind.ADDRESS_CODE, "entered", visit.email, detail={"by": "code"})


def old(before: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(asked_at__lt=before).order_by("asked_at")


def _digest(visit: Visit, code: str) -> str:
    words = f"{visit.public_id.hex}:{code}".encode()
    return hmac.digest(key("status-codes"), words, hashlib.sha256).hex()
