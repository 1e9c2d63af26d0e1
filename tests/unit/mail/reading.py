"""How these tests read a letter."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from channels_app.mail.parse import parse
from core.trust import Fact, FactKind
from tickets.contracts import Attachment, InboundMessage

ARRIVED = datetime(2026, 10, 5, 9, 31, tzinfo=UTC)


def read(raw: bytes, **envelope: Any) -> InboundMessage:
    return parse(raw, received_at=ARRIVED, **envelope)


def fact(message: InboundMessage, kind: FactKind) -> Fact | None:
    return next((each for each in message.facts if each.kind is kind), None)


def the_file(message: InboundMessage) -> Attachment:
    (only,) = message.attachments
    return only


def strings(value: Any) -> list[str]:
    """Every string in a message, wherever it stands."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for each in fields(value) for text in strings(getattr(value, each.name))]
    if isinstance(value, dict):
        return [text for pair in value.items() for text in strings(list(pair))]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in strings(each)]
    return []


def assert_storable(message: InboundMessage) -> None:
    """PostgreSQL takes neither NUL nor a lone surrogate."""
    for text in strings(message):
        assert "\0" not in text
        text.encode("utf-8")
