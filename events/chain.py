"""The hash chain of a journal stream: pure, so that a stranger can verify a journal with ten lines of his own.

The chain covers the *digest* of a payload, not the payload: personal data can be erased by a tombstone
and the journal still verifies (docs/adr/0002-events-as-journal-and-outbox.md).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

GENESIS = b"\0" * 32


class Link(NamedTuple):
    stream: str  # "ticket:17"
    sequence: int  # 1, 2, 3... without gaps
    type: str
    at: datetime
    actor: str
    payload_digest: bytes
    digest: bytes


def canonical(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def payload_digest(payload: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical(payload)).digest()


def link_digest(
    previous: bytes, *, stream: str, sequence: int, type: str, at: datetime, actor: str, payload_digest: bytes
) -> bytes:
    head = "\n".join((stream, str(sequence), type, at.isoformat(timespec="microseconds"), actor)).encode()
    return hashlib.sha256(previous + head + b"\n" + payload_digest).digest()


def first_break(links: Iterable[Link]) -> int | None:
    """The sequence number at which one stream, given in order, stops being the journal that was written.

    `None` means whole. A missing, reordered or altered row shows at the first place it touches.
    """
    previous, expected = GENESIS, 1
    for link in links:
        digest = link_digest(
            previous,
            stream=link.stream,
            sequence=link.sequence,
            type=link.type,
            at=link.at,
            actor=link.actor,
            payload_digest=link.payload_digest,
        )
        if link.sequence != expected or digest != link.digest:
            return expected
        previous, expected = link.digest, expected + 1
    return None
