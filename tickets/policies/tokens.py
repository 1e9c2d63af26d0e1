"""The signed reply address: `support+PAYLOAD.SIGNATURE@…`, personal to one participant of one ticket.

A side letter has one of another kind (`s` instead of `t`): neither can ever be taken for the other.
It proves continuity only: whoever holds it has seen a letter of ours. It is never a key (assurance.md rule 3).
"""

import base64
import hashlib
import hmac

_SIGNATURE_BYTES = 10
_REPLY, _SIDE = "t", "s"
_SIGNED_AS = {_REPLY: b"reply:", _SIDE: b"side:"}


def _encode(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()


def make(participant_id: int, *, key: bytes) -> str:
    return _make(_REPLY, participant_id, key)


def read(token: str, *, key: bytes) -> int | None:
    """The participant it was made for; `None` for anything altered, foreign or not ours. Constant time."""
    return _read(_REPLY, token, key)


def make_side(conversation_id: int, *, key: bytes) -> str:
    return _make(_SIDE, conversation_id, key)


def read_side(token: str, *, key: bytes) -> int | None:
    """The side conversation it was made for."""
    return _read(_SIDE, token, key)


def _make(kind: str, number: int, key: bytes) -> str:
    payload = number.to_bytes(8, "big").lstrip(b"\0")
    return f"{kind}{_encode(payload)}.{_signature(kind, payload, key)}"


def _read(kind: str, token: str, key: bytes) -> int | None:
    head, dot, signature = token.strip().lower().partition(".")
    if not dot or not head.startswith(kind) or len(token) > 64:
        return None
    try:
        payload = base64.b32decode(head[1:].upper() + "=" * (-len(head[1:]) % 8))
    except ValueError:
        return None
    is_ours = hmac.compare_digest(_signature(kind, payload, key).encode(), signature.encode())
    return int.from_bytes(payload, "big") if is_ours else None


def _signature(kind: str, payload: bytes, key: bytes) -> str:
    return _encode(hmac.digest(key, _SIGNED_AS[kind] + payload, hashlib.sha256)[:_SIGNATURE_BYTES])


def address(our_address: str, token: str) -> str:
    local, _, domain = our_address.partition("@")
    return f"{local}+{token}@{domain}"
