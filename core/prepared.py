"""Statements a process runs thousands of times, planned once a connection.

psycopg2 prepares nothing by itself, and planning a small statement takes the server several times as long as running
it. A prepared statement lives as long as the session, whatever becomes of the transaction that first ran it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper

RUNS_BEFORE = 4  # a text that comes seldom is not worth the server's memory
MOST = 100  # texts a connection; what comes later is planned each time
LONGEST = 8_000  # characters; a longer one inserts many rows and is hardly ever the same again
COUNTED = 500  # texts at a time, so that counting them takes a few megabytes at most

_runs: Counter[str] = Counter()
_names: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()  # by the driver's connection


def execute(cursor: CursorWrapper, sql: str, parameters: Sequence[Any] = ()) -> None:
    """As `cursor.execute`, with `%s` only; each must have its type by where it stands or by a cast."""
    if len(sql) > LONGEST:
        cursor.execute(sql, parameters)
        return
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    names = _names.setdefault(database.connection, {})
    name = names.get(sql)
    if name is None and _runs[sql] >= RUNS_BEFORE and len(names) < MOST:
        name = f"often_{len(names)}"
        # Past the wrapper, for it is no statement of the caller's.
        with database.wrap_database_errors, database.connection.cursor() as raw:
            raw.execute(f"PREPARE {name} AS {_numbered(sql)}")
        names[sql] = name
    if name is None:
        if len(_runs) >= COUNTED:
            _runs.clear()
        _runs[sql] += 1
        cursor.execute(sql, parameters)
    else:
        # Nothing but our own name stands in the text; every value is a parameter.
        cursor.execute(
            f"EXECUTE {name} ({', '.join(['%s'] * len(parameters))})" if parameters else f"EXECUTE {name}",
            parameters or None,
        )


def _numbered(sql: str) -> str:
    first, *others = sql.split("%s")
    return (first + "".join(f"${place}{part}" for place, part in enumerate(others, start=1))).replace("%%", "%")
