"""Ticket numbers: nine digits, the last a check digit by the Damm algorithm, not guessable from another.

A sequence counts, a keyed permutation of the eight leading digits hides the count, the check digit notices
every single wrong digit and every swap of neighbours. Standard library only.
"""

import hashlib
import hmac
import re

CAPACITY = 10**8
CALLS = "CL"  # the prefix of calls
_HALF = 10**4
_ROUNDS = 8
# The quasigroup of order 10 given by H. M. Damm (2004): totally anti-symmetric, zero on the diagonal.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_WRITTEN = re.compile(
    r"(?<![\d-])(?:HD[-\s]?)?(\d{3})[-\s\u2010-\u2015\u00a0]?(\d{3})[-\s\u2010-\u2015\u00a0]?(\d{3})(?![\d-])", re.I
)


def check_digit(digits: str) -> str:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def is_valid(number: str) -> bool:
    return len(number) == 9 and number.isascii() and number.isdigit() and check_digit(number) == "0"


def number_for(count: int, *, key: bytes) -> str:
    """The number of the `count`-th ticket: a Feistel permutation over 0..10^8-1, then the check digit.

    Different counts give different numbers for one key. Raises OverflowError when nine digits no longer suffice.
    """
    if not 0 <= count < CAPACITY:
        raise OverflowError("nine digits no longer suffice")
    left, right = divmod(count, _HALF)
    for step in range(_ROUNDS):
        mixed = hmac.digest(key, f"{step}:{right}".encode(), hashlib.sha256)
        left, right = right, (left + int.from_bytes(mixed[:8], "big")) % _HALF
    digits = f"{left * _HALF + right:08d}"
    return digits + check_digit(digits)


def pretty(number: str, prefix: str = "HD") -> str:
    return f"{prefix}-{number[:3]}-{number[3:6]}-{number[6:]}"


def found_in(text: str) -> tuple[str, ...]:
    """Valid numbers in a text, in order, with or without prefix, brackets, spaces or dashes."""
    return tuple(dict.fromkeys(n for n in ("".join(m) for m in _WRITTEN.findall(text[:20_000])) if is_valid(n)))
