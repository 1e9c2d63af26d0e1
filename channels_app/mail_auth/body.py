"""Body hashes of DKIM (RFC 6376 3.4), in linear time.

dkimpy canonicalises with expressions that need quadratic time on a long run of blanks; a stranger chooses the body.
"""

import base64
import hashlib
from functools import cached_property


class Body:
    """Nothing is copied or hashed until a signature asks; each form is hashed once for all signatures."""

    def __init__(self, raw: bytes, body_at: int) -> None:
        self._raw = raw
        self._body_at = body_at
        self._hashes: dict[tuple[bytes, str], bytes] = {}

    def hash(self, canonicalization: bytes, algorithm: str) -> bytes:
        key = (canonicalization, algorithm)
        if key not in self._hashes:
            content = relaxed(self._lines) if canonicalization == b"relaxed" else simple(self._lines)
            self._hashes[key] = base64.b64encode(hashlib.new(algorithm, content).digest())
        return self._hashes[key]

    @cached_property
    def _lines(self) -> bytes:
        return self._raw[self._body_at :]


def simple(body: bytes) -> bytes:
    return body.replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"


def relaxed(body: bytes) -> bytes:
    body = body.replace(b"\r\n", b"\n").replace(b"\t", b" ")
    while b"  " in body:  # halves every run: a few passes
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \n", b"\n").removesuffix(b" ").rstrip(b"\n")
    return body.replace(b"\n", b"\r\n") + b"\r\n" if body else b""
