"""Single sign-on: the provider's own system sends its signed-in customer into our panel by a signed link.

The link is good once and for five minutes at most. Which algorithm holds is said by the key here, never by the link.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import IntegrityError, transaction

from core.sealed import Secret, Unreadable, seal, seal_anew, unseal
from events import outbox
from users.api_tokens import Refused
from users.event_types import SignOnKeyMade, SignOnKeyRevoked
from users.models import SignOnKey, UsedSignOn

ALGORITHMS = ("HS256", "EdDSA")
LONGEST = timedelta(minutes=5)
SKEW = timedelta(seconds=30)  # of the other system's clock
FACTORS = ("none", "totp", "passkey", "other")
_NEEDED = ("iss", "aud", "sub", "iat", "exp", "jti")
_MOST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class SignOn:
    """What a link claims, once its signature, audience, issuer and age were found good."""

    key_id: int
    issuer: str
    jti: str
    contact: str  # external id
    account: str  # external id, "" if it names none
    second_factor: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeyView:
    id: int
    issuer: str
    algorithm: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def audience() -> str:
    return f"{settings.SITE_URL}/panel/sso/"


@transaction.atomic
def make(issuer: str, algorithm: str, *, public_key: str = "", by: str, now: datetime) -> Secret | None:
    """The shared key to show this once; nothing for EdDSA, where the other system keeps its private half."""
    issuer = issuer.strip()
    if not issuer or len(issuer) > 64 or not issuer.isprintable():
        raise Refused("no_issuer", "issuer")
    if algorithm not in ALGORITHMS:
        raise Refused("no_algorithm", "algorithm")
    shared = Secret(secrets.token_urlsafe(32)) if algorithm == "HS256" else None
    kept = shared or Secret(_ed25519(public_key))
    try:
        with transaction.atomic():
            key = SignOnKey.objects.create(
                issuer=issuer, algorithm=algorithm, sealed=seal(kept), made_by=by, created_at=now
            )
    except IntegrityError:
        raise Refused("issuer_taken", "issuer") from None
    outbox.record(SignOnKeyMade(key_id=key.pk, algorithm=algorithm), by=by, now=now)
    return shared


def _ed25519(pem: str) -> str:
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Refused("no_public_key", "public_key")
    return pem.strip()


@transaction.atomic
def revoke(key_id: int, *, by: str, now: datetime) -> None:
    """No link signed by it opens anything from now on. Revoking twice changes nothing."""
    if SignOnKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now):
        outbox.record(SignOnKeyRevoked(key_id=key_id), by=by, now=now)


def keys() -> list[KeyView]:
    return [
        KeyView(row.pk, row.issuer, row.algorithm, row.created_at, row.revoked_at, row.last_used_at)
        for row in SignOnKey.objects.order_by("-revoked_at", "-id")
    ]


def read(token: str, *, now: datetime) -> SignOn | None:
    """What a link says, nothing for one that is not good. Reading uses nothing up."""
    if not token or len(token) > _MOST_CHARACTERS:
        return None
    try:
        unproven = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    issuer = unproven.get("iss")
    is_word = isinstance(issuer, str) and issuer.isprintable()
    key = SignOnKey.objects.filter(issuer=issuer, revoked_at=None).first() if is_word else None
    if key is None:
        return None
    try:
        claims = jwt.decode(
            token,
            unseal(key.sealed).reveal(),
            algorithms=[key.algorithm],
            audience=audience(),
            issuer=key.issuer,
            # Times are judged below by the clock of the caller.
            options={"require": list(_NEEDED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, Unreadable):
        return None
    return _judged(key, claims, now)


def _judged(key: SignOnKey, claims: dict[str, object], now: datetime) -> SignOn | None:
    words = {name: claims.get(name, "") for name in ("sub", "jti", "account")}
    factor = claims.get("second_factor", "none")
    issued, ends = claims["iat"], claims["exp"]
    if not isinstance(claims["aud"], str) or factor not in FACTORS:
        return None
    if not all(isinstance(word, str) and len(word) <= 128 and word.isprintable() for word in words.values()):
        return None
    if type(issued) is not int or type(ends) is not int or not (words["sub"] and words["jti"]):
        return None
    at = int(now.timestamp())
    is_young = issued <= at + SKEW.total_seconds() and at < ends <= issued + LONGEST.total_seconds()
    if not is_young:
        return None
    return SignOn(
        key.pk, key.issuer, str(words["jti"]), str(words["sub"]), str(words["account"]), str(factor),
        datetime.fromtimestamp(ends, now.tzinfo),
    )  # fmt: skip


def use(signed: SignOn, *, now: datetime) -> bool:
    """Uses the link up, in the caller's transaction. False: somebody else did already, or the key was revoked."""
    if not SignOnKey.objects.filter(pk=signed.key_id, revoked_at=None).update(last_used_at=now):
        return False
    UsedSignOn.objects.filter(expires_at__lt=now - SKEW).delete()
    try:
        with transaction.atomic():
            UsedSignOn.objects.create(key_id=signed.key_id, jti=signed.jti, expires_at=signed.expires_at)
    except IntegrityError:
        return False
    return True


def seal_keys_anew() -> None:
    """After a change of SECRET_KEY. What cannot be read stays as it is: its links open nothing."""
    for key in SignOnKey.objects.filter(revoked_at=None):
        try:
            sealed = seal_anew(key.sealed)
        except Unreadable:
            continue
        SignOnKey.objects.filter(pk=key.pk, sealed=key.sealed).update(sealed=sealed)
