"""Many small lists in one statement: a page asks a dozen, and the way to the database costs more than the answers."""

from collections.abc import Mapping
from typing import Any

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
        if isinstance(query, str):
            sql = query
        else:
            sql, parameters = query.query.sql_with_params()
            names = [f"{name}_{place}" for place in range(len(parameters))]
            named |= dict(zip(names, parameters, strict=True))
            sql %= tuple(f"%({each})s" for each in names)
        parts.append(_LIST.format(sql))
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), named)
        return dict(zip(lists, cursor.fetchone(), strict=True))
