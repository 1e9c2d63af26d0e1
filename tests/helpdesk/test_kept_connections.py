"""A kept connection is believed without a question while it is silent, and no longer."""

from collections.abc import Iterator

import pytest
from django.db import connection

from core.postgresql.base import DatabaseWrapper

ASKED = "SELECT query FROM pg_stat_activity WHERE pid = %s"
END = "SELECT pg_terminate_backend(%s, 5000)"


@pytest.fixture
def kept(db: None) -> Iterator[DatabaseWrapper]:
    other = DatabaseWrapper(connection.settings_dict, alias="kept")
    other.connect()
    yield other
    other.close()


def pid_of(kept: DatabaseWrapper) -> int:
    return int(kept.connection.info.backend_pid)


def told(sql: str, pid: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, [pid])
        return cursor.fetchone()[0]


def begin_request(kept: DatabaseWrapper) -> None:
    kept.close_if_unusable_or_obsolete()


def test_a_silent_one_is_usable_without_a_query(kept: DatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("SELECT 'the last'")
    begin_request(kept)
    assert kept.is_usable()
    assert told(ASKED, pid_of(kept)) == "SELECT 'the last'"


def test_one_that_the_server_ended_is_opened_anew(kept: DatabaseWrapper) -> None:
    ended = pid_of(kept)
    assert told(END, ended) is True
    begin_request(kept)
    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert pid_of(kept) != ended


def test_one_that_has_a_notice_waiting_is_asked_and_kept(kept: DatabaseWrapper) -> None:
    pid = pid_of(kept)
    with kept.cursor() as cursor:
        cursor.execute("LISTEN heard")
    other = DatabaseWrapper(connection.settings_dict, alias="other")
    with other.cursor() as cursor:
        cursor.execute("NOTIFY heard")
    other.close()
    begin_request(kept)
    with kept.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert pid_of(kept) == pid


def test_after_an_error_the_server_is_asked(kept: DatabaseWrapper) -> None:
    kept.errors_occurred = True
    assert kept.is_usable()
    assert told(ASKED, pid_of(kept)) == "SELECT 1"


def test_one_that_was_closed_here_is_not_usable(kept: DatabaseWrapper) -> None:
    kept.connection.close()
    assert not kept.is_usable()
