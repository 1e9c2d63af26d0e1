"""DKIM signatures on mail that leaves (RFC 6376), relaxed/relaxed.

Each listed field is signed once more than it occurs, so that nobody can add a second one on the way.
"""

import base64
import hashlib
import textwrap
from datetime import datetime
from functools import lru_cache

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from dkim.canonicalization import Relaxed

from channels_app.mail_auth.block import split
from channels_app.mail_auth.body import relaxed
from channels_app.mail_keys import read_private_key

SIGNED = (
    b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"In-Reply-To", b"References",
    b"Auto-Submitted", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding",
)  # fmt: skip


def sign(message: bytes, *, domain: str, selector: str, private_key_pem: str, at: datetime) -> bytes:
    """`message` with a signature on top; its line ends become CRLF, as they will be on the wire.

    The same arguments give the same bytes, so a mail that is sent again is recognised as itself.

    Raises `ValueError` for a message without From, or a key that cannot be read.
    """
    message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    block = split(message)
    if not block.values(b"from"):
        raise ValueError("a mail without From cannot be signed")
    names = [name for name in SIGNED for _ in range(len(block.values(name.lower())) + 1)]
    body_hash = base64.b64encode(hashlib.sha256(relaxed(message[block.body_at :])).digest()).decode()
    tags = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t={int(at.timestamp())};"
        f"\r\n bh={body_hash};\r\n h={_folded(' : '.join(name.decode() for name in names))};\r\n b="
    )
    field = (b"DKIM-Signature", f" {tags}".encode("ascii"))
    signed = Relaxed.canonicalize_headers([*dkim.select_headers(block.fields, [n.lower() for n in names]), field])
    content = b"".join(name + b":" + value for name, value in signed).removesuffix(b"\r\n")
    signature = base64.b64encode(_key(private_key_pem).sign(content, PKCS1v15(), SHA256())).decode()
    return b"DKIM-Signature: " + f"{tags}{_folded(signature, every=72)}\r\n".encode("ascii") + message


@lru_cache(maxsize=64)
def _key(pem: str) -> RSAPrivateKey:
    """Reading a key checks its primes, which takes longer than a signature."""
    return read_private_key(pem)


def _folded(text: str, *, every: int = 0) -> str:
    pieces = [text[at : at + every] for at in range(0, len(text), every)] if every else textwrap.wrap(text, 72)
    return "\r\n ".join(pieces)
