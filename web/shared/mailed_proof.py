"""A code by mail, for who comes by single sign-on alone and has no password to show before he adds his first factor.

His session may be stolen from the other system; with a letter to his address on file it takes two thefts at least, the
new factor counts after 72 hours, and everybody who decides with him is told of it. It proves nothing else.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from core import limits
from core.limits import Limit
from core.models import key
from customers.services.signing_in import address_on_file
from web.shared.proof import Act

CODE = "mailed_proof"  # session key: the digest of the code, and until when it counts
LIVES = timedelta(minutes=15)
LETTERS = (Limit("mailed proofs", 5, timedelta(days=1)),)
TRIES = (
    Limit("mailed proof tries", 5, timedelta(minutes=15)),
    Limit("mailed proof tries a day", 10, timedelta(days=1)),
)


def send(request: Any, act: Act, digest: str, *, now: datetime) -> bool:
    """To his address on file. False: there is none, or five were sent today."""
    found = address_on_file(request.user)
    if found is None or limits.take(*((limit, str(request.user.pk)) for limit in LETTERS), now=now):
        return False
    code = f"{secrets.randbelow(10**8):08d}"
    request.session[CODE] = [_digest(request, digest, code), (now + LIVES).timestamp()]
    letters.queue(
        found.account_id,
        [found.email],
        "own_code",
        subject=_("Your code for the control panel"),
        context={
            "code": f"{code[:4]} {code[4:]}",
            "words": act.words,
            "link": f"{settings.SITE_URL}/panel/me/#sessions-h",
        },
        language=request.customer.language or settings.LANGUAGE_CODE,
        now=now,
    )
    return True


def fits(request: HttpRequest, digest: str, typed: str, *, now: datetime) -> bool:
    """Whether it is the code mailed for this act to whoever sits in this session. It counts once; tries are counted."""
    user: Any = request.user
    kept = request.session.get(CODE)
    is_over = limits.take(*((limit, str(user.pk)) for limit in TRIES), now=now)
    if is_over or not kept or kept[1] <= now.timestamp():
        return False
    given = _digest(request, digest, "".join(sign for sign in typed if sign.isalnum()))
    if not hmac.compare_digest(given, kept[0]):
        return False
    del request.session[CODE]
    return True


def _digest(request: HttpRequest, act: str, code: str) -> str:
    told = f"{request.session.session_key}\n{act}\n{code}"
    return hmac.digest(key("mailed proofs"), told.encode(), hashlib.sha256).hex()
