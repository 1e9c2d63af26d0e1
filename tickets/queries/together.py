"""Many small lists in one statement: a page asks a dozen, and the way to the database costs more than the answers.

Planning so many lists takes longer than answering them, so PostgreSQL is asked to keep the plan (PREPARE).
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_LIST = "(SELECT coalesce(json_agg(row_to_json(one)), '[]') FROM ({}) AS one)"
NOTHING = "SELECT WHERE false"
KEPT = 64  # of a connection; the SQL differs by role and by how many teams a person has
_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()  # connection: SQL: name of its plan


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
        _execute_prepared(cursor, "SELECT " + ", ".join(parts), named)
        return dict(zip(lists, cursor.fetchone(), strict=True))


def _execute_prepared(cursor: Any, sql: str, named: Mapping[str, Any]) -> None:
    """What PREPARE made outlives a rollback and ends with its connection."""
    kept = _prepared.setdefault(connection.connection, {})
    if sql not in kept:
        if len(kept) == KEPT:
            cursor.execute("DEALLOCATE ALL")
            kept.clear()
        place_of = {name: f"${place}" for place, name in enumerate(named, 1)}
        cursor.execute(f"PREPARE together_{len(kept)} AS " + sql % place_of)
        kept[sql] = f"together_{len(kept)}"
    values = f"({', '.join(['%s'] * len(named))})" if named else ""
    cursor.execute(f"EXECUTE {kept[sql]} {values}", list(named.values()))


def _named(name: str, query: QuerySet[Any, Any]) -> tuple[str, dict[str, Any]]:
    """The SQL of a queryset with its values under names of their own."""
    try:
        sql, values = query.query.sql_with_params()
    except EmptyResultSet:
        return NOTHING, {}
    names = [f"{name}_{place}" for place in range(len(values))]
    return sql % tuple(f"%({each})s" for each in names), dict(zip(names, values, strict=True))
