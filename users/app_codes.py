"""Codes of the app, and an end to guessing them: after so many wrong ones within a day it opens nothing for a day.

Between two tries django-otp makes whoever guesses wait longer and longer; that alone would let him go on for months.
A right code forgives nothing, another proof does: a passkey, a recovery code, or an administrator for a colleague.
"""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from events import outbox
from users.event_types import FactorChanged
from users.models import User, WrongCode

DAY = timedelta(days=1)


def locked_until(wrong: Sequence[datetime], *, most: int, now: datetime) -> datetime | None:
    """`wrong`: when wrong codes were typed, the newest first. None: the app is open. Pure."""
    if len(wrong) < most or wrong[0] - wrong[most - 1] >= DAY:
        return None
    until = wrong[0] + DAY
    return until if now < until else None


def closed_until(user: User, *, now: datetime) -> datetime | None:
    """None: his app is open. One query."""
    return locked_until(_wrong([user.pk]).get(user.pk, ()), most=settings.WRONG_CODES_A_DAY, now=now)


def closed_of(user_ids: Collection[int], *, now: datetime) -> set[int]:
    """Whose app is closed. One query."""
    wrong = _wrong(user_ids)
    return {pk for pk, times in wrong.items() if locked_until(times, most=settings.WRONG_CODES_A_DAY, now=now)}


def was_used(user: User, typed: str) -> bool:
    """Whether this is the code that was accepted last. Who types it knows it already, and it opens nothing more."""
    app = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return app is not None and app.last_t >= 0 and typed == f"{hotp(app.bin_key, app.last_t, app.digits):06d}"


def seconds_to_wait(user: User, *, now: datetime) -> int:
    """After a wrong code, until the next one is looked at; whatever comes before then is not."""
    app = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    told = None if app is None else app.verify_is_allowed()[1]
    return max(1, math.ceil((told["locked_until"] - now).total_seconds())) if told else 0


def verify(user: User, typed: str, *, person: str, now: datetime) -> TOTPDevice | None:
    """The app that shows this code now. One that comes while it is closed, or too soon after another, is not looked at.

    A wrong one is counted, so this stands outside the transaction of what it guards.
    """
    if not typed:
        return None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        app = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        if app is None or closed_until(user, now=now) or not app.verify_is_allowed()[0]:
            return None
        if app.verify_token(typed):
            return app
        WrongCode.objects.create(user=user, at=now)
        if closed_until(user, now=now):
            outbox.record(FactorChanged(person=person, what="app_closed"), by=person, now=now)
        return None


@transaction.atomic
def open_again(user: User, *, person: str, by: str, now: datetime) -> None:
    """He proved himself otherwise, or somebody who may has looked: what was wrong before counts no more."""
    User.objects.select_for_update().get(pk=user.pk)
    was_closed = closed_until(user, now=now)
    WrongCode.objects.filter(user=user).delete()
    if was_closed:
        TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
        outbox.record(FactorChanged(person=person, what="app_opened"), by=by, now=now)


def forget(now: datetime) -> None:
    WrongCode.objects.filter(at__lt=now - 2 * DAY).delete()


def _wrong(user_ids: Collection[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    rows = WrongCode.objects.filter(user__in=user_ids).order_by("-at", "-pk").values_list("user_id", "at")
    for user_id, at in rows:
        found.setdefault(user_id, []).append(at)
    return found
