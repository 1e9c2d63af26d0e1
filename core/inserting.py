"""New rows of several tables written in one statement. The ORM needs a round trip for each table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.sql import InsertQuery

Part = tuple[str, Sequence[Any]]


def take_ids(rows: Iterable[Model], *sequences: str) -> list[int]:
    """Gives each row its id before it is written, and returns the next values of `sequences`. One query."""
    rows = list(rows)
    names = [*sequences, *(f"{row._meta.db_table}_{row._meta.pk.column}_seq" for row in rows)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["nextval(%s)"] * len(names)), names)
        values = list(cursor.fetchone())
    for row, value in zip(rows, values[len(sequences) :], strict=True):
        row.pk = value
    return values[: len(sequences)]


def write(rows: Iterable[Model], *, also: Sequence[Part] = (), then: Part = ("SELECT 1", ())) -> None:
    """Inserts the rows, model by model as they stand, with what else belongs into the same statement.

    A row may point to another of them that has its id. `then` is the last part, a query whose answer nobody reads.
    """
    parts = [*also, *(_insert(model, list(group)) for model, group in groupby(rows, key=type))]
    # Each part is one of ours or compiled by the ORM; every value stands in its parameters.
    with_parts = ", ".join(f"part{place} AS ({sql})" for place, (sql, _) in enumerate(parts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {with_parts} {then[0]}" if parts else then[0],
            [*(value for _, values in parts for value in values), *then[1]],
        )


_texts: dict[tuple[type[Model], int, bool], str] = {}  # a row is written thousands of times with the same words
_PLAIN = frozenset({type(None), bool, int, str, datetime, UUID})  # psycopg2 takes them as they are


def _insert(model: type[Model], rows: list[Model]) -> Part:
    for row in rows:
        # As bulk_create does; there is no public way to prepare alone.
        row._prepare_related_fields_for_save(operation_name="write")  # type: ignore[attr-defined]
    has_ids = rows[0].pk is not None
    fields = [field for field in model._meta.concrete_fields if has_ids or not field.primary_key]
    given = [[field.pre_save(row, True) for field in fields] for row in rows]
    is_said_by_sql = any(
        type(value) not in _PLAIN and hasattr(value, "resolve_expression") for values in given for value in values
    )
    text = None if is_said_by_sql else _texts.get((model, len(rows), has_ids))
    if text is None:
        query = InsertQuery(model)
        query.insert_values(fields, rows)
        ((text, parameters),) = query.get_compiler(connection=connection).as_sql()
        if not is_said_by_sql:
            _texts[model, len(rows), has_ids] = text
    else:
        ready = [[_ready(field, value) for field, value in zip(fields, values, strict=True)] for values in given]
        is_by_column = " UNNEST(" in text  # several rows may travel as one array a column
        parameters = list(map(list, zip(*ready, strict=True))) if is_by_column else list(chain.from_iterable(ready))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return text, parameters


def _ready(field: "Field[Any, Any]", value: Any) -> Any:
    if type(value) in _PLAIN and not isinstance(field, JSONField):
        return value
    return field.get_db_prep_save(value, connection=connection)
