"""The code in a letter of a colleague, by which the customer checks in the panel that it is ours (rule 12)."""

import hashlib
import hmac
from uuid import UUID

DIGITS = 8


def letter_code(public_id: UUID, *, key: bytes) -> str:
    """Eight digits in two groups, the same for the same letter."""
    number = int.from_bytes(hmac.digest(key, public_id.bytes, hashlib.sha256)) % 10**DIGITS
    digits = f"{number:0{DIGITS}d}"
    return f"{digits[:4]} {digits[4:]}"
