"""The desk's own fields of tickets."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from tickets.enums import FieldKind
from tickets.models import CustomField
from tickets.policies.fields import Choice, Field


def fields() -> tuple[Field, ...]:
    """All of them in their order, retired ones too: tickets may still bear what was filled in."""
    return tuple(field_of(row) for row in field_rows())


def field_rows() -> QuerySet[CustomField, Any]:
    return CustomField.objects.order_by("-is_active", "place", "id").values(
        "id", "name_ru", "name_en", "kind", "is_required", "queues", "choices", "place", "is_active"
    )


def field_of(row: Mapping[str, Any]) -> Field:
    return Field(
        **{
            **row,
            "kind": FieldKind(row["kind"]),
            "queues": tuple(row["queues"]),
            "choices": tuple(Choice(**choice) for choice in row["choices"]),
        }
    )
