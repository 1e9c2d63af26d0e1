"""Times as the API writes them, whatever zone is active: UTC with Z, in serializers and outside of them."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from core.clock import written


class Moment(serializers.DateTimeField):
    """What comes may name any zone; where it names none, it is UTC."""

    def __init__(self, **more: Any) -> None:
        super().__init__(default_timezone=UTC, **more)

    def to_representation(self, value: Any) -> str | None:
        return written(value) if value else None


class Encoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return written(obj) if isinstance(obj, datetime) else super().default(obj)


class Renderer(JSONRenderer):
    encoder_class = Encoder
