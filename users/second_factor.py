"""What somebody proves himself with besides his password: code app and passkeys, and since when each counts in full."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from events import outbox
from users.event_types import FactorChanged
from users.models import Passkey, PasskeyQuestion, RecoveryCode, User, WrongCode

COUNTS_AFTER = timedelta(hours=72)  # who took over a session and made a factor of his own waits for the owner to notice
KINDS: dict[str, type[Device]] = {"app": TOTPDevice, "passkey": Passkey}


class Refused(Exception):
    """`code`: last_one, have_app, no_factor, wrong_code, too_many_tries."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class FactorView:
    """`kind`: app | passkey. `name` is his own word for a passkey."""

    kind: str
    id: int
    name: str
    made_at: datetime | None
    used_at: datetime | None
    counts_from: datetime


def new_key() -> str:
    return secrets.token_hex(20)


def of_user(user: User) -> tuple[FactorView, ...]:
    """The app first, then passkeys by age. Two queries."""
    return tuple(
        FactorView(kind, row.pk, row.name, row.created_at, row.last_used_at, counts_from(row))
        for kind, model in KINDS.items()
        for row in model.objects.filter(user=user, confirmed=True).order_by("created_at", "pk")
    )


def counts_from(device: Device) -> datetime:
    """For a customer; among the people of the desk a factor counts at once."""
    made_at: datetime = device.created_at or datetime.fromtimestamp(0, UTC)  # unknown: before it was noted
    return made_at + COUNTS_AFTER


@transaction.atomic
def begin_app(user: User, key: str, *, person: str, now: datetime) -> None:
    """`key` as `new_key` gave it. Refused: have_app."""
    User.objects.select_for_update().get(pk=user.pk)
    if TOTPDevice.objects.filter(user=user).exists():
        raise Refused("have_app")
    TOTPDevice.objects.create(user=user, name="app", key=key, confirmed=True)
    outbox.record(FactorChanged(person=person, what="app_added"), by=person, now=now)


@transaction.atomic
def remove(user: User, kind: str, factor_id: int, *, person: str, now: datetime) -> None:
    """The last one stays: switching the factor off is not for one person to decide (docs/assurance.md).

    One that is gone already is no fault. Refused: last_one.
    """
    User.objects.select_for_update().get(pk=user.pk)
    device = KINDS[kind].objects.filter(user=user, pk=factor_id).first()
    if device is None:
        return
    if len(of_user(user)) < 2:
        raise Refused("last_one")
    device.delete()
    outbox.record(FactorChanged(person=person, what=f"{kind}_removed"), by=person, now=now)


def switch_off(user: User, *, person: str, by: str, now: datetime) -> None:
    """What was decided elsewhere (a critical action), in the caller's transaction."""
    forget_all(user)
    outbox.record(FactorChanged(person=person, what="off"), by=by, now=now)


def forget_all(user: User) -> None:
    """Everything he proved himself with, in the caller's transaction."""
    for device in devices_for_user(user, confirmed=None):
        device.delete()
    PasskeyQuestion.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    WrongCode.objects.filter(user=user).delete()


@transaction.atomic
def show_at_door(user: User, *, is_shown: bool, person: str, now: datetime) -> None:
    """Whether a customer is asked for his factor at every sign-in, not only before he decides something."""
    if User.objects.filter(pk=user.pk, shows_factor=not is_shown).update(shows_factor=is_shown):
        outbox.record(FactorChanged(person=person, what="door_on" if is_shown else "door_off"), by=person, now=now)
