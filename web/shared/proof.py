"""A code of the second factor asked for one act, such as taking data away."""

from django.contrib.auth.models import AbstractBaseUser
from django_otp import devices_for_user, match_token

from web.shared.requests import DeskRequest


def has_devices(user: AbstractBaseUser) -> bool:
    return any(devices_for_user(user))


def proves(request: DeskRequest) -> bool:
    """Whether the `code` sent is right. It counts once, so ask it last."""
    return match_token(request.user, request.POST.get("code", "").replace(" ", "")) is not None
