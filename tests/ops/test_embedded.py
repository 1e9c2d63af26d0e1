"""The embedded servers behave as a production server would, and survive what happens to laptops."""

import os

import psycopg2
import pytest


def connect(**more: object) -> "psycopg2.extensions.connection":
    from helpdesk import env

    settings = env.database("DATABASE_URL")
    return psycopg2.connect(dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"], **more)


@pytest.fixture
def cursor():
    connection = connect()
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


embedded_only = pytest.mark.skipif("host=/" not in os.environ.get("DATABASE_URL", ""), reason="DATABASE_URL is given")


def test_trigrams_see_cyrillic(cursor):
    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    cursor.execute("SELECT similarity('обращение', 'обрашение')")
    assert cursor.fetchone()[0] > 0.5


@embedded_only
def test_the_application_is_a_plain_owner_who_may_create_databases(cursor):
    cursor.execute("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    assert cursor.fetchone() == (False, True, False)


@embedded_only
def test_sorting_does_not_depend_on_the_language_of_the_machine(cursor):
    cursor.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()")
    assert cursor.fetchone() == ("b", "C.UTF-8")
