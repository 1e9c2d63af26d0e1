"""Work a browser does before it may send a request: worth a second to a person, dear to whoever sends thousands.

A challenge is bound to one request by its salt, which the signature covers. What was solved once thus opens that one
request only, and needs no memory of what was used.
"""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from altcha import ChallengeOptionsV1, PayloadV1, create_challenge_v1, verify_solution_v1

from core.models import key

LASTS = timedelta(minutes=30)
HARDNESS = 60_000  # the browser tries half of these on average: about a second on a telephone
_FOR = "for"
_MOST_CHARACTERS = 2000


def challenge(request_id: UUID, *, now: datetime) -> dict[str, Any]:
    options = ChallengeOptionsV1(
        algorithm="SHA-256",
        max_number=HARDNESS,
        hmac_key=_key(),
        expires=now + LASTS,
        params={_FOR: request_id.hex},
    )
    return dict(create_challenge_v1(options).to_dict())


def is_solved(solution: str, request_id: UUID) -> bool:
    """`solution`: base64 of a JSON object, as ALTCHA's widgets write it. Anything else is no solution."""
    found = _read(solution)
    if found is None or f"&{_FOR}={request_id.hex}&" not in found.salt:
        return False
    return verify_solution_v1(found, _key())[0]


def _read(solution: str) -> PayloadV1 | None:
    if len(solution) > _MOST_CHARACTERS:
        return None
    try:
        found = json.loads(base64.b64decode(solution, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    texts = ("algorithm", "challenge", "salt", "signature")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in texts):
        return None
    if not isinstance(found.get("number"), int):
        return None
    return PayloadV1(number=found["number"], **{name: found[name] for name in texts})


def _key() -> str:
    return key("proof-of-work").hex()
