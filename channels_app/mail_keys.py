"""RSA keys for DKIM: made, kept as PKCS#1 PEM, published as a TXT record."""

import base64
import contextlib
import os
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SELECTOR = "desk"  # our keys stand at desk._domainkey.<domain>
PUBLIC_EXPONENT = 65_537
KEY_BITS = 2048
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def stored_private_key(data_dir: Path, domain: str) -> str:
    """The key of `domain` kept in `data_dir`, made on first asking; processes that ask at once get the same one."""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{domain!r} is no domain in A-labels")
    folder = data_dir / "dkim"
    path = folder / f"{domain}.pem"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{domain}.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(fresh_private_key())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, never replaces the key somebody else just made
        draft.unlink()
    return path.read_text()


def fresh_private_key(bits: int = KEY_BITS) -> str:
    key = generate_private_key(PUBLIC_EXPONENT, bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode("ascii")


def read_private_key(pem: str) -> RSAPrivateKey:
    """Raises `ValueError` for what is no RSA key in PEM."""
    try:
        key = load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("not a PKCS#1 RSA private key in PEM") from error
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not a PKCS#1 RSA private key in PEM")
    return key


def public_record(private_key_pem: str) -> str:
    """The TXT record that belongs at `<selector>._domainkey.<domain>`. Raises `ValueError` for what is no such PEM."""
    public = read_private_key(private_key_pem).public_key()
    info = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(info).decode()}"
