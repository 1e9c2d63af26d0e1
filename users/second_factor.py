"""The code app of somebody who signs in, and since when it counts in full."""

import secrets
from datetime import datetime, timedelta

from django_otp.plugins.otp_totp.models import TOTPDevice

from users.models import User

COUNTS_AFTER = timedelta(hours=72)  # who took over a session and made a factor of his own waits for the owner to notice


def new_key() -> str:
    return secrets.token_hex(20)


def begin(user: User, key: str) -> None:
    TOTPDevice.objects.create(user=user, name="app", key=key, confirmed=True)


def counts_from(user: User) -> datetime | None:
    """None: there is none."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("created_at").first()
    return device.created_at + COUNTS_AFTER if device and device.created_at else None
