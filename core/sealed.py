"""Secrets at rest: passwords of other servers, readable only with this installation's SECRET_KEY.

A copy of the database alone opens nothing. To change SECRET_KEY, put the old one into SECRET_KEY_FALLBACKS: what it
sealed stays readable and is sealed anew by `manage.py prepare` (or the next `up`).
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"helpdesk: secrets at rest"


class Unreadable(Exception):
    """Sealed under a SECRET_KEY that is not known here: somebody must type the secret again."""


class Secret:
    """Prints as dots wherever it lands; only `reveal` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "•••"


def seal(secret: Secret) -> str:
    return _keys().encrypt(secret.reveal().encode()).decode("ascii")


def unseal(sealed: str) -> Secret:
    """Raises `Unreadable`."""
    try:
        return Secret(_keys().decrypt(sealed.encode("ascii", "replace")).decode())
    except InvalidToken:
        raise Unreadable from None


def seal_anew(sealed: str) -> str:
    """The same secret under the present SECRET_KEY. Raises `Unreadable`."""
    try:
        return _keys().rotate(sealed.encode("ascii", "replace")).decode("ascii")
    except InvalidToken:
        raise Unreadable from None


def _keys() -> MultiFernet:
    return MultiFernet([_key(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=8)
def _key(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
