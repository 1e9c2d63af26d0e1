"""RSA keys for DKIM: made, kept as PKCS#1 PEM, published as a TXT record. Standard library only.

DKIM needs a key once in years, so the arithmetic may be plain Python (FIPS 186-5, A.1.3: random probable primes).
"""

import base64
import contextlib
import math
import os
import re
import secrets
from pathlib import Path

SELECTOR = "desk"  # our keys stand at desk._domainkey.<domain>
PUBLIC_EXPONENT = 65_537
KEY_BITS = 2048
_ROUNDS = 40  # error below 2^-80 with margin
_SIEVE_TO = 10_000
_PEM = re.compile(r"-----BEGIN RSA PRIVATE KEY-----\s+(.*?)\s+-----END RSA PRIVATE KEY-----", re.DOTALL)
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_RSA_OID = bytes.fromhex("300d06092a864886f70d0101010500")  # AlgorithmIdentifier of rsaEncryption


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
        draft.write_text(generate_private_key())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, never replaces the key somebody else just made
        draft.unlink()
    return path.read_text()


def generate_private_key(bits: int = KEY_BITS) -> str:
    """A fresh PEM. About half a second for 2048 bits."""
    while True:
        p, q = _prime(bits // 2), _prime(bits // 2)
        order = math.lcm(p - 1, q - 1)
        if abs(p - q).bit_length() > bits // 2 - 100 and math.gcd(PUBLIC_EXPONENT, order) == 1:
            break
    if p < q:
        p, q = q, p
    d = pow(PUBLIC_EXPONENT, -1, order)
    numbers = (0, p * q, PUBLIC_EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    content = base64.encodebytes(_sequence(*map(_integer, numbers))).decode().replace("\n", "")
    lines = "\n".join(content[at : at + 64] for at in range(0, len(content), 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\n"


def public_record(private_key_pem: str) -> str:
    """The TXT record that belongs at `<selector>._domainkey.<domain>`. Raises `ValueError` for what is no such PEM."""
    modulus, exponent = _public_numbers(private_key_pem)
    key = _sequence(_integer(modulus), _integer(exponent))
    info = _der(0x30, _RSA_OID + _der(0x03, b"\x00" + key))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(info).decode()}"


def _public_numbers(private_key_pem: str) -> tuple[int, int]:
    found = _PEM.search(private_key_pem)
    if found is None:
        raise ValueError("not a PKCS#1 RSA private key in PEM")
    content = base64.b64decode(found[1])
    body, _ = _read(content, 0, 0x30)
    version, at = _read(body, 0, 0x02)
    modulus, at = _read(body, at, 0x02)
    exponent, _ = _read(body, at, 0x02)
    if version != b"\x00":
        raise ValueError("not a two-prime RSA key")
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def _read(content: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """One DER value and where the next begins."""
    if len(content) < at + 2 or content[at] != tag:
        raise ValueError("not a PKCS#1 RSA private key in PEM")
    length, at = content[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(content[at : at + size], "big"), at + size
    return content[at : at + length], at + length


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def _prime(bits: int) -> int:
    small = _small_primes()
    while True:
        start = secrets.randbits(bits) | 3 << bits - 2 | 1  # the two top bits: the product has its full length
        remainders = [start % prime for prime in small]
        for step in range(0, 20_000, 2):
            if any((rest + step) % prime == 0 for rest, prime in zip(remainders, small, strict=True)):
                continue
            candidate = start + step
            if candidate.bit_length() == bits and _is_probably_prime(candidate):
                return candidate


def _is_probably_prime(number: int) -> bool:
    """Miller and Rabin, random bases."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_ROUNDS):
        power = pow(secrets.randbelow(number - 3) + 2, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def _small_primes() -> list[int]:
    sieve = bytearray([1]) * _SIEVE_TO
    for number in range(2, math.isqrt(_SIEVE_TO) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, _SIEVE_TO, number)))
    return [number for number in range(3, _SIEVE_TO) if sieve[number]]
