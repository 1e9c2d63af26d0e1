"""An end to guessing one password from everywhere, which does not shut its owner out.

Wrong passwords for a name are counted together, whatever network they come from. A browser in which he has signed in
before carries a mark and is counted by itself, and so is whoever types the code of the letter that told him of the
guessing: it reached his mailbox. Marks and codes are no sign-in: they open nothing, and end with the password.
The way of OWASP's device cookies.
"""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer

from core.limits import Limit
from core.models import key
from core.sealed import Secret
from users.models import User
from users.names import named, one_writing

LIVES = timedelta(days=180)
MOST = 5  # people whose browser it is: a desk with shifts shares one
# Ten networks full of people who mistype; one person never comes near. Whoever guesses for a year tries 440,000
# words, and the passwords that so few would find are not accepted (AUTH_PASSWORD_VALIDATORS).
OF_A_NAME = Limit("wrong passwords of a name", 50, timedelta(hours=1))
OF_A_BROWSER = Limit("wrong passwords of a browser", settings.AXES_FAILURE_LIMIT, settings.AXES_COOLOFF_TIME)
TOLD = Limit("guessing told", 1, timedelta(days=1))  # as long as the code of that letter is the same
_LETTERS = 12  # of 32: 60 bits
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
_MARK = re.compile(r"(\d{1,18})\.[\w-]{22}\.\d{1,12}:[\w-]{1,64}", re.ASCII)
_BETWEEN = "~"


def budget(name: str, browser: str) -> tuple[Limit, str]:
    """What a wrong password for this name is counted under. `browser`: the one known for it, "" for any other. Pure."""
    return (OF_A_BROWSER, browser) if browser else (OF_A_NAME, f"name {name}")


def with_mark(marks: str, user: User, *, now: datetime) -> str:
    """The marks that a browser keeps once somebody has signed in there: his new one before those of others."""
    others = [mark for mark in _read(marks) if _user_id(mark) != user.pk]
    value = f"{user.pk}.{secrets.token_urlsafe(16)}.{int(now.timestamp())}"
    return _BETWEEN.join([_signer(user).sign(value), *others][:MOST])


def known(marks: str, name: str, *, now: datetime) -> str:
    """Which browser these marks make it for whoever signs in by this name; "" for none.

    One query where there are marks, whosever the name is.
    """
    read = {_user_id(mark): mark for mark in _read(marks)}
    for user in User.objects.filter(pk__in=read) if read else ():
        names = {one_writing(each) for each in (user.email, user.login or "") if each}
        if one_writing(name) in names:
            return _browser(user, read[user.pk], now=now)
    return ""


def code(user: User, *, now: datetime) -> Secret:
    """What the letter of this day says, to be typed in a new browser beside the password."""
    letters = _code(user, _day(now))
    return Secret("-".join(letters[place : place + 4] for place in range(0, _LETTERS, 4)))


def known_by_letter(typed: str, name: str, *, now: datetime) -> str:
    """Which browser the code of a letter of today or yesterday makes it; "" for a code that is wrong.

    All who type the same one are the same browser, so that a copied letter gives no more tries.
    """
    given = "".join(sign for sign in typed.upper() if sign.isalnum())
    user = named(name).first() or User(pk=0)  # as long for nobody
    for day in (_day(now), _day(now) - 1):
        if hmac.compare_digest(given.encode(), _code(user, day).encode()) and user.email:
            return f"letter {user.pk} {day}"
    return ""


def _read(marks: str) -> list[str]:
    return [mark for mark in marks.split(_BETWEEN)[:MOST] if _MARK.fullmatch(mark)]


def _user_id(mark: str) -> int:
    return int(mark.partition(".")[0])


def _browser(user: User, mark: str, *, now: datetime) -> str:
    try:
        _pk, browser, at = _signer(user).unsign(mark).split(".")
    except BadSignature:
        return ""
    return browser if int(at) > (now - LIVES).timestamp() else ""


def _signer(user: User) -> Signer:
    return Signer(salt=f"users.known_browsers\n{user.password}")  # another password, another key


def _day(now: datetime) -> int:
    return now.astimezone(UTC).toordinal()


def _code(user: User, day: int) -> str:
    told = f"{user.pk}\n{day}\n{user.password}"
    digest = hmac.digest(key("known browsers"), told.encode(), hashlib.sha256)
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_LETTERS])
