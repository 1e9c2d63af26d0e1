"""The words of trust that every room shares: levels, facts, classes of fields. Standard library only.

A door reports facts, `assurance` turns facts into a level (docs/adr/0006-facts-versus-levels.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any


class Level(IntEnum):
    """How sure we are who wrote a message or stands behind a request."""

    CONTRADICTED = 0
    CLAIMED = 1
    VOUCHED = 2
    RECOGNISED = 3
    AUTHORISED = 4
    STRONGLY_AUTHORISED = 5


class FieldClass(StrEnum):
    """What a field of an account is worth to a stranger; `assurance.access` masks by it."""

    GENERAL = "general"
    PERSONAL = "personal"
    CONFIDENTIAL = "confidential"


class FactKind(StrEnum):
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ARC = "arc"
    FROM_HEADER = "from_header"  # verdict: single | several | missing | unreadable
    SENDER_DOMAIN = "sender_domain"  # verdict: ours | staff | other
    REPLY_TOKEN = "reply_token"  # noqa: S105 - verdict: valid | foreign | expired | damaged
    SPAM = "spam"  # verdict: spam | ham
    LOOK_ALIKE = "look_alike"  # verdict: mixed_script
    PANEL_SESSION = "panel_session"  # verdict: may_authorise | may_ask, judged in the account it is about
    API_CLAIM = "api_claim"  # the provider's panel vouches for a signed-in customer; verdict as above
    ADDRESS_CODE = "address_code"  # verdict: entered; subject: the address to which the code was mailed


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a door saw, as it saw it. Facts never contain a level.

    `verdict` is a lower-case word of the fact's own vocabulary (RFC 8601 results for mail);
    `subject` is what the verdict is about (a domain, an address); `source` is who judged
    ("self", or the authserv-id of a configured relay). `detail` holds JSON-ready raw values.
    """

    kind: FactKind
    verdict: str
    subject: str = ""
    source: str = "self"
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "verdict": self.verdict,
            "subject": self.subject,
            "source": self.source,
            "detail": dict(self.detail),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Fact":
        return cls(
            kind=FactKind(value["kind"]),
            verdict=value["verdict"],
            subject=value.get("subject", ""),
            source=value.get("source", "self"),
            detail=value.get("detail", {}),
        )
