"""Passkeys by WebAuthn: what a browser is asked to sign, and whether the answer is that of this person's key.

Our name and address towards the browser come from SITE_URL, never from a request. A question is bound to one session,
one person and one form; its answer counts once and for five minutes. Signatures, origin, user verification and the
counter of copies are checked by the library `webauthn` (docs/adr/0014).
"""

import hashlib
import hmac
import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    generate_challenge,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.models import key
from events import outbox
from users.event_types import FactorChanged
from users.models import Passkey, PasskeyQuestion, User

LIVES = timedelta(minutes=5)
MOST = 10  # of one person
MOST_NAME = 64
_MOST_ANSWER = 16384  # characters; an answer has about a thousand, with a certificate some more
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError)  # what the library meets in a forged answer
_VERIFIED = UserVerificationRequirement.REQUIRED

log = logging.getLogger(__name__)


def origin() -> str:
    address = urlsplit(settings.SITE_URL)
    return f"{address.scheme}://{address.netloc}"


def _our_id() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def has_any(user: User) -> bool:
    return Passkey.objects.filter(user=user, confirmed=True).exists()


def question(user: User, *, about: str, session_key: str, now: datetime) -> str:
    """What the browser is to have signed by one of his passkeys, as JSON."""
    options = generate_authentication_options(
        rp_id=_our_id(),
        challenge=_asked(user, about=about, session_key=session_key, now=now),
        timeout=_milliseconds(LIVES),
        allow_credentials=_known(user),
        user_verification=_VERIFIED,
    )
    return options_to_json(options)


def answered(user: User, answer: str, *, about: str, session_key: str, now: datetime) -> Passkey | None:
    """The passkey that signed the question open in this session. None: there was none, or the answer is not right."""
    with transaction.atomic():
        challenge = _take(user, about=about, session_key=session_key, now=now)
        if challenge is None or len(answer) > _MOST_ANSWER:
            return None
        try:
            credential = parse_authentication_credential_json(answer)
            passkey = Passkey.objects.select_for_update().get(
                user=user, confirmed=True, credential_id=credential.raw_id
            )
            signed = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=_our_id(),
                expected_origin=origin(),
                credential_public_key=bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (Passkey.DoesNotExist, *_MALFORMED) as reason:
            log.warning("passkey_refused user=%s reason=%s", user.pk, type(reason).__name__)
            return None
        passkey.sign_count, passkey.last_used_at = signed.new_sign_count, now
        passkey.save(update_fields=["sign_count", "last_used_at"])
        return passkey


def question_to_begin(user: User, *, called: str, session_key: str, now: datetime) -> str:
    """What the browser is to make a new passkey for, as JSON. `called`: our name in its list of passkeys."""
    options = generate_registration_options(
        rp_id=_our_id(),
        rp_name=called,
        user_name=user.email,
        user_id=hmac.digest(key("passkeys"), str(user.pk).encode(), hashlib.sha256),
        challenge=_asked(user, about="begin", session_key=session_key, now=now),
        timeout=_milliseconds(LIVES),
        exclude_credentials=_known(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
    )
    return options_to_json(options)


def begin(user: User, answer: str, *, name: str, person: str, session_key: str, now: datetime) -> Passkey | None:
    """His new passkey. None: the answer is not to what was asked here, or he has MOST of them."""
    with transaction.atomic():
        challenge = _take(user, about="begin", session_key=session_key, now=now)
        if challenge is None or len(answer) > _MOST_ANSWER:
            return None
        User.objects.select_for_update().get(pk=user.pk)
        if Passkey.objects.filter(user=user).count() >= MOST:
            return None
        try:
            credential = parse_registration_credential_json(answer)
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=_our_id(),
                expected_origin=origin(),
                require_user_verification=True,
            )
            with transaction.atomic():
                passkey = Passkey.objects.create(
                    user=user,
                    name=name.strip()[:MOST_NAME],
                    credential_id=made.credential_id,
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    transports=[each.value for each in credential.response.transports or ()],
                )
        except (IntegrityError, *_MALFORMED) as reason:  # a key that is somebody's already is not anybody else's
            log.warning("passkey_not_made user=%s reason=%s", user.pk, type(reason).__name__)
            return None
        outbox.record(FactorChanged(person=person, what="passkey_added"), by=person, now=now)
        return passkey


def forget_questions(now: datetime) -> None:
    PasskeyQuestion.objects.filter(asked_at__lt=now - LIVES).delete()


def _asked(user: User, *, about: str, session_key: str, now: datetime) -> bytes:
    challenge = generate_challenge()
    values = {"user": user, "about": about, "challenge": challenge, "asked_at": now}
    PasskeyQuestion.objects.update_or_create(session_key=session_key, defaults=values)
    return challenge


def _take(user: User, *, about: str, session_key: str, now: datetime) -> bytes | None:
    """The challenge of the question, which is gone then: of two answers at the same time one finds it."""
    asked = PasskeyQuestion.objects.select_for_update().filter(session_key=session_key, user=user).first()
    if asked is None:
        return None
    asked.delete()
    is_this = hmac.compare_digest(asked.about, about) and now - asked.asked_at <= LIVES
    return bytes(asked.challenge) if is_this else None


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(row.credential_id),
            transports=[AuthenticatorTransport(each) for each in row.transports if each in known],
        )
        for row in Passkey.objects.filter(user=user, confirmed=True).order_by("pk")
    ]


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
