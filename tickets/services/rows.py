"""Many rows written in one plain statement. The ORM's own `bulk_update` spends ten times as long on building its."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Model
from psycopg2.extras import execute_values


def update(rows: Collection[Model], names: Sequence[str]) -> None:
    """Writes these fields of rows of one model, by their ids. The caller holds their locks."""
    if not rows:
        return
    meta = next(iter(rows))._meta
    fields = [meta.get_field(name) for name in ("id", *names)]
    columns = [field.column for field in fields]  # type: ignore[union-attr]
    template = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
    values = [
        tuple(
            field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[union-attr]
            for field in fields
        )
        for row in rows
    ]
    changes = ", ".join(f'"{column}" = given."{column}"' for column in columns[1:])
    names_given = ", ".join(f'"{column}"' for column in columns)
    statement = (
        f'UPDATE "{meta.db_table}" AS kept SET {changes} FROM (VALUES %s) AS given ({names_given})'  # noqa: S608 - names of our own columns
        " WHERE kept.id = given.id"
    )
    with connection.cursor() as cursor:
        execute_values(cursor, statement, values, template=f"({template})", page_size=len(values))
