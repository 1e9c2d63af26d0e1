"""Many small lists in one statement: a page asks a dozen, and the way to the database costs more than the answers."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_LIST = "(SELECT coalesce(json_agg(row_to_json(one)), '[]') FROM ({}) AS one)"
NOTHING = "SELECT WHERE false"


def together(lists: Mapping[str, str | QuerySet[Any, Any]], **values: Any) -> dict[str, list[dict[str, Any]]]:
    """Each list under its name, rows as dictionaries in the order of its own query. One query.

    A list is SQL over the named `values`, or a queryset of `values()`. Times come as ISO text.
    """
    parts, named = [], dict(values)
    for name, query in lists.items():
        sql, more = (query, {}) if isinstance(query, str) else _named(name, query)
        parts.append(_LIST.format(sql))
        named |= more
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), named)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def _named(name: str, query: QuerySet[Any, Any]) -> tuple[str, dict[str, Any]]:
    """The SQL of a queryset with its values under names of their own."""
    try:
        sql, values = query.query.sql_with_params()
    except EmptyResultSet:
        return NOTHING, {}
    names = [f"{name}_{place}" for place in range(len(values))]
    return sql % tuple(f"%({each})s" for each in names), dict(zip(names, values, strict=True))
