"""DKIM signatures on mail that leaves (RFC 6376), relaxed/relaxed.

Each listed field is signed once more than it occurs, so that nobody can add a second one on the way.
"""

import dkim

from channels_app.mail_auth.block import split
from channels_app.mail_auth.body import relaxed

SIGNED = (
    b"From", b"To", b"Cc", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"In-Reply-To", b"References",
    b"Auto-Submitted", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding",
)  # fmt: skip


def sign(message: bytes, *, domain: str, selector: str, private_key_pem: str) -> bytes:
    """`message` with a signature on top; its line ends become CRLF, as they will be on the wire.

    Raises `ValueError` for a message without From, or a key that cannot be read.
    """
    message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    block = split(message)
    signer = dkim.DKIM()
    signer.headers = list(block.fields)
    signer.body = relaxed(message[block.body_at :])  # dkimpy's own form needs quadratic time on long blanks
    names = [name for name in SIGNED for _ in range(len(block.values(name.lower())) + 1)]
    if not block.values(b"from"):
        raise ValueError("a mail without From cannot be signed")
    try:
        signature = signer.sign(
            selector.encode("ascii"),
            domain.encode("ascii"),
            private_key_pem.encode("ascii"),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
    except (dkim.DKIMException, dkim.UnparsableKeyError) as error:
        raise ValueError(f"cannot sign for {domain}: {error}") from error
    return bytes(signature) + message
