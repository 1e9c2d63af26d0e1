"""The signed reply address: `support+PAYLOAD.SIGNATURE@…`, personal to one participant of one ticket.

It proves continuity only: whoever holds it has seen a letter of ours. It is never a key (assurance.md rule 3).
"""

import base64
import hashlib
import hmac

_SIGNATURE_BYTES = 10


def _encode(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()


def make(participant_id: int, *, key: bytes) -> str:
    payload = participant_id.to_bytes(8, "big").lstrip(b"\0")
    signature = hmac.digest(key, b"reply:" + payload, hashlib.sha256)[:_SIGNATURE_BYTES]
    return f"t{_encode(payload)}.{_encode(signature)}"


def read(token: str, *, key: bytes) -> int | None:
    """The participant it was made for; `None` for anything altered, foreign or not ours. Constant time."""
    head, dot, signature = token.strip().lower().partition(".")
    if not dot or not head.startswith("t") or len(token) > 64:
        return None
    try:
        payload = base64.b32decode(head[1:].upper() + "=" * (-len(head[1:]) % 8))
    except ValueError:
        return None
    expected = _encode(hmac.digest(key, b"reply:" + payload, hashlib.sha256)[:_SIGNATURE_BYTES])
    return int.from_bytes(payload, "big") if hmac.compare_digest(expected.encode(), signature.encode()) else None


def address(our_address: str, token: str) -> str:
    local, _, domain = our_address.partition("@")
    return f"{local}+{token}@{domain}"
