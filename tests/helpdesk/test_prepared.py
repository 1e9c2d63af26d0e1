"""Statements planned once a connection: what is prepared, what is not, and what a failure leaves behind."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import prepared
from core.prepared import LONGEST, RUNS_BEFORE


def asked(sql: str, *parameters: object) -> object:
    with connection.cursor() as cursor:
        prepared.execute(cursor, sql, parameters)
        return cursor.fetchone()[0]


def known(words: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE position(%s IN statement) > 0", [words])
        return [row[0] for row in cursor.fetchall() if "pg_prepared_statements" not in row[0]]


@pytest.mark.django_db
def test_what_comes_often_is_prepared_once_and_answers_the_same() -> None:
    sql = "SELECT 'often asked' || %s::text || '100%%'"
    with CaptureQueriesContext(connection) as counted:
        answers = {asked(sql, "?") for _ in range(RUNS_BEFORE + 3)}
    assert answers == {"often asked?100%"}
    assert len(known("often asked")) == 1
    assert len(counted) == RUNS_BEFORE + 3


@pytest.mark.django_db
def test_what_comes_seldom_or_is_long_is_not() -> None:
    asked("SELECT 'seldom asked' || %s::text", "?")
    for _ in range(RUNS_BEFORE + 2):
        asked(f"SELECT 'long words {'x' * LONGEST}' || %s::text", "?")
    assert not known("seldom asked") and not known("long words")


@pytest.mark.django_db(transaction=True)
def test_a_failure_and_a_rollback_leave_it_usable() -> None:
    sql = "SELECT 10 / %s::int"
    for _ in range(RUNS_BEFORE):
        assert asked(sql, 5) == 2
    with pytest.raises(DataError), transaction.atomic():
        asked(sql, 0)  # prepared here, and its transaction is lost
    assert asked(sql, 2) == 5


@pytest.mark.django_db(transaction=True)
def test_another_connection_prepares_its_own() -> None:
    sql = "SELECT 'a new session' || %s::text"
    for _ in range(RUNS_BEFORE + 2):
        asked(sql, "!")
    connection.close()
    assert not known("a new session")
    assert asked(sql, "!") == "a new session!"
    assert len(known("a new session")) == 1
