"""Lists of what the desk asks customers for."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from tickets.models import AskList as Row
from tickets.policies.ask_lists import AskList


def ask_lists() -> tuple[AskList, ...]:
    """All of them in their order, those in use first."""
    return tuple(ask_list_of(row) for row in ask_list_rows())


def ask_list_rows() -> QuerySet[Row, Any]:
    return Row.objects.order_by("-is_active", "place", "id").values(
        "id", "name_ru", "name_en", "lines_ru", "lines_en", "kinds", "service_kinds", "place", "is_active"
    )


def ask_list_of(row: Mapping[str, Any]) -> AskList:
    return AskList(**{**row, "kinds": tuple(row["kinds"]), "service_kinds": tuple(row["service_kinds"])})
