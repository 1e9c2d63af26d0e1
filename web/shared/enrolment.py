"""Beginning with a code app: the picture it photographs, whether its first code fits; and a new password beside it."""

from base64 import b32encode

import segno
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django_otp.oath import TOTP

from core.clock import now as read_clock
from users.models import User


def fits(totp_key: str, typed: str) -> bool:
    digits = typed.replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
        return False
    totp = TOTP(bytes.fromhex(totp_key))
    totp.time = read_clock().timestamp()
    return bool(totp.verify(int(digits), tolerance=1))


def picture(email: str, totp_key: str) -> dict[str, str]:
    """What the app photographs, and the same in letters for who cannot."""
    secret = b32encode(bytes.fromhex(totp_key)).decode()
    address = f"otpauth://totp/Helpdesk:{email}?secret={secret}&issuer=Helpdesk"
    svg = segno.make(address, error="m").svg_inline(scale=5, border=2, light="#fff", dark="#000")
    spaced = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return {"picture": mark_safe(svg), "secret": spaced}  # noqa: S308  drawn here from our own letters


def errors(request: HttpRequest, user: User, totp_key: str) -> dict[str, str]:
    """Of the form with a new password and, with a key, the first code of the app: field -> words."""
    found: dict[str, str] = {}
    try:
        validate_password(request.POST.get("password", ""), user)
    except ValidationError as refused:
        found["password"] = " ".join(refused.messages)
    if totp_key and not fits(totp_key, request.POST.get("code", "")):
        found["code"] = _("This code does not fit. Wait for the next one.")
    return found
