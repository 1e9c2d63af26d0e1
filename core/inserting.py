"""New rows of several tables written in one statement. The ORM needs a round trip for each table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, ForeignKey, JSONField, Model
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

from core import prepared

Part = tuple[str, Sequence[Any]]


def take_ids(rows: Iterable[Model], *sequences: str, also: Part = ("SELECT", ())) -> list[Any]:
    """Gives each row its id before it is written. One query.

    Returns the next values of `sequences`, then the columns of the one row that `also` finds.
    """
    rows = list(rows)
    names = [*sequences, *(f"{row._meta.db_table}_{row._meta.pk.column}_seq" for row in rows)]
    ids = ", ".join(f"nextval('{name}')" for name in names)
    with connection.cursor() as cursor:
        query = f"SELECT {ids}, also.* FROM ({also[0]}) AS also"  # noqa: S608 - names and a query of ours alone
        prepared.execute(cursor, query, also[1])
        values = list(cursor.fetchone())
    for row, value in zip(rows, values[len(sequences) : len(names)], strict=True):
        row.pk = value
    return values[: len(sequences)] + values[len(names) :]


def write(rows: Iterable[Model], *, also: Sequence[Part] = (), then: Part = ("SELECT 1", ())) -> None:
    """Inserts the rows, model by model as they stand, with what else belongs into the same statement.

    A row may point to another of them that has its id. `then` is the last part, a query whose answer nobody reads.
    """
    parts = [*also, *(_insert(model, list(group)) for model, group in groupby(rows, key=type))]
    # Each part is one of ours or compiled by the ORM; every value stands in its parameters.
    with_parts = ", ".join(f"part{place} AS ({sql})" for place, (sql, _) in enumerate(parts))
    with connection.cursor() as cursor:
        prepared.execute(
            cursor,
            f"WITH {with_parts} {then[0]}" if parts else then[0],
            [*(value for _, values in parts for value in values), *then[1]],
        )


_PLAIN = frozenset({type(None), bool, int, str, datetime, UUID})  # psycopg2 takes them as they are


class _Shape:
    """What is the same for all rows of a model, asked of Django once: a row is written thousands of times."""

    def __init__(self, model: type[Model], *, has_ids: bool) -> None:
        self.fields = [field for field in model._meta.concrete_fields if has_ids or not field.primary_key]
        self.relations = [field for field in self.fields if isinstance(field, ForeignKey)]
        self.values = attrgetter(*(field.attname for field in self.fields), "pk")  # two names at least: a tuple
        self.prepares = [isinstance(field, JSONField) for field in self.fields]
        self.defaults = [(field.attname, field.db_default) for field in self.fields if _has_plain_default(field)]
        self.stamps = [field for field in self.fields if type(field).pre_save is not Field.pre_save]
        self.texts: dict[int, str] = {}  # by the number of rows


_FEW = 20  # rows whose text is kept


def _has_plain_default(field: "Field[Any, Any]") -> bool:
    return field.has_db_default() and not hasattr(field.db_default, "resolve_expression")


_shapes: dict[tuple[type[Model], bool], _Shape] = {}


def _insert(model: type[Model], rows: list[Model]) -> Part:
    has_ids = rows[0].pk is not None
    shape = _shapes.get((model, has_ids)) or _shapes.setdefault((model, has_ids), _Shape(model, has_ids=has_ids))
    for row in rows:
        for relation in shape.relations:
            if getattr(row, relation.attname) is None and relation.is_cached(row):  # its id came after the row was made
                setattr(row, relation.name, relation.get_cached_value(row))
        for name, default in shape.defaults:
            if isinstance(getattr(row, name), DatabaseDefault):
                setattr(row, name, default)
        for field in shape.stamps:
            setattr(row, field.attname, field.pre_save(row, True))
    given = [shape.values(row)[:-1] for row in rows]
    is_said_by_sql = any(
        type(value) not in _PLAIN and hasattr(value, "resolve_expression") for values in given for value in values
    )
    text = None if is_said_by_sql else shape.texts.get(len(rows))
    database = connections[DEFAULT_DB_ALIAS]  # not through its proxy, for each value asks
    if text is None:
        query = InsertQuery(model)
        query.insert_values(shape.fields, rows)
        ((text, parameters),) = query.get_compiler(connection=database).as_sql()
        if not is_said_by_sql and len(rows) <= _FEW:
            shape.texts[len(rows)] = text
    else:
        ready = [
            [
                value if type(value) in _PLAIN and not prepares else field.get_db_prep_save(value, connection=database)
                for field, prepares, value in zip(shape.fields, shape.prepares, values, strict=True)
            ]
            for values in given
        ]
        is_by_column = " UNNEST(" in text  # several rows may travel as one array a column
        parameters = list(map(list, zip(*ready, strict=True))) if is_by_column else list(chain.from_iterable(ready))
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return text, parameters
